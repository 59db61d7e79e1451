import { Buffer } from 'node:buffer'
import { awsAnswer } from '@hashira/aws'
import type { InterpretResponse } from '@hashira/delivery'
import type { Framing } from './segment-encoder'

/** The body of X-Ray's `PutTraceSegments`: documents as texts in a list. */
export const apiFraming: Framing = {
  head: '{"TraceSegmentDocuments":[',
  between: ',',
  tail: ']}',
  frame: (documents) => documents.map((document) => JSON.stringify(document)).join(','),
}

/** Segments that X-Ray names as unprocessed are refused for good; the botocore model says nothing of trying them again. */
export const readPutTraceSegments: InterpretResponse = (status, body, headers) =>
  awsAnswer(status, body, headers) ?? unprocessed(body)

function unprocessed(body: Uint8Array): { itemCount: number; message: string } | undefined {
  const answer = JSON.parse(Buffer.from(body).toString()) as { UnprocessedTraceSegments?: unknown }
  const refused = answer.UnprocessedTraceSegments
  if (!Array.isArray(refused) || refused.length === 0) return undefined
  const { ErrorCode: code, Message: text } = (refused[0] ?? {}) as Record<string, unknown>
  return { itemCount: refused.length, message: [code, text].filter(Boolean).join(': ') }
}
