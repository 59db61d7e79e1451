import { countFault } from '../diagnostics'
import { isHex } from './ids'

/** `x-datadog-tags`. */
export interface DatadogTags {
  /** The upper half of the trace id, 16 hex digits. */
  readonly tid: string | undefined
  /** The other `_dd.p.*` tags as they stand in the header. */
  readonly others: string
}

const NO_TAGS: DatadogTags = { tid: undefined, others: '' }
/** Datadog's own limit, for reading and for sending. */
const MAX_LENGTH = 512
const TAG = /^_dd\.p\.[\x21-\x2b\x2d-\x3c\x3e-\x7e]+=[\x20-\x2b\x2d-\x7e]*$/
const TID = '_dd.p.tid='

/** All of them are dropped when there are too many, or one is malformed; an upper half that is none is dropped alone. */
export function parseDatadogTags(header: string | undefined): DatadogTags {
  if (header === undefined || header === '') return NO_TAGS
  const tags = header.length > MAX_LENGTH ? undefined : header.split(',')
  if (tags === undefined || !tags.every((tag) => TAG.test(tag))) {
    countFault('x_datadog_tags')
    return NO_TAGS
  }
  const tid = tags.find((tag) => tag.startsWith(TID))?.slice(TID.length)
  const isValid = tid !== undefined && tid.length === 16 && isHex(tid, 0, 16)
  if (tid !== undefined && !isValid) countFault('x_datadog_tags')
  return {
    tid: isValid ? tid : undefined,
    others: tags.filter((tag) => !tag.startsWith(TID)).join(','),
  }
}

/** `undefined` when there is nothing to send. What does not fit beside the upper half of the trace id stays here. */
export function formatDatadogTags(upperHalf: string, others: string): string | undefined {
  const tid = /^0+$/.test(upperHalf) ? '' : TID + upperHalf
  const both = tid !== '' && others !== '' ? `${tid},${others}` : tid + others
  const header = both.length <= MAX_LENGTH ? both : tid
  return header === '' ? undefined : header
}
