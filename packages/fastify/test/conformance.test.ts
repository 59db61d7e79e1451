import { observe } from '@hashira/fastify'
import { adapterConformance, memoryExporter } from '@hashira/testing'
import { start } from 'hashira'
import { frameworks } from './observed-apps'

const memory = memoryExporter()
start({ exporters: [memory], quiet: true, handleSignals: false })

interface Reply {
  code(status: number): { send(body: string): unknown }
}

for (const [name, fastify] of frameworks) {
  adapterConformance({
    name,
    memory,
    async start(routes) {
      const app = fastify()
      app.register(observe)
      for (const { method, path, handle } of routes) {
        const handler = async (_request: unknown, reply: Reply) => {
          const { status, body } = await handle()
          return reply.code(status).send(body)
        }
        app.route({ method, url: path, handler })
      }
      await app.listen({ port: 0, host: '127.0.0.1' })
      return {
        port: app.server.address().port,
        close() {
          app.server.closeAllConnections()
          return app.close()
        },
      }
    },
  })
}
