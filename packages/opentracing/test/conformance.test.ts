// OpenTracing's own check of a tracer, as it is published with the package; it was written for mocha and chai.
import { beforeEach, describe, it } from 'node:test'
import { openTracingTracer } from '@hashira/opentracing'

Object.assign(globalThis, { describe, it, beforeEach })
const { default: apiCompatibilityChecks } = require('opentracing/lib/test/api_compatibility')

apiCompatibilityChecks(() => openTracingTracer())
