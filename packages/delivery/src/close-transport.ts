import { countFault, type Transport } from '@hashira/core'

/** Resolves when the transport has said its last word. What goes wrong is counted: never throws or rejects. */
export async function closeTransport(transport: Transport): Promise<void> {
  try {
    await transport.close?.()
  } catch {
    countFault('transport_close')
  }
}
