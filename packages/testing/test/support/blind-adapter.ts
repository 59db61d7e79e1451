import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { adapterConformance, memoryExporter } from '@hashira/testing'

// Run by conformance.test.ts: a server that nobody observes must fail every test of the kit.
adapterConformance({
  name: 'blind',
  memory: memoryExporter(),
  patienceMs: 100,
  async start() {
    const server = createServer((_request, response) => response.end('ok'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return {
      port: (server.address() as AddressInfo).port,
      close() {
        server.closeAllConnections()
        server.close()
      },
    }
  },
})
