#!/usr/bin/env node
import { main } from './command'

main(process.argv.slice(2), process.env, process.stdout)
