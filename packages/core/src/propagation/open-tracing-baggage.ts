import { PrefixedBaggage } from './prefixed-baggage'

/** What a header may hold and keeps: no control characters, no white space around it. */
const HEADER_VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/

const asItIs = (text: string) => (HEADER_VALUE.test(text) ? text : undefined)

/** `ot-baggage-*` of OpenTracing, Lightstep and Datadog: values stand as they are, so not every value can be sent. */
export const openTracingBaggage = new PrefixedBaggage('ot-baggage-', { decode: asItIs, encode: asItIs })
