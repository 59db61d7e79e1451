import { createServer } from 'node:http'
import { observe } from '@hashira/express'
import { adapterConformance, memoryExporter } from '@hashira/testing'
import { start } from 'hashira'
import { close, listen } from '../../http/test/support/client'
import { frameworks, withoutPromises } from './frameworks'

const memory = memoryExporter()
start({ exporters: [memory], quiet: true, handleSignals: false })

for (const [name, express] of frameworks) {
  adapterConformance({
    name,
    memory,
    async start(routes) {
      const app = express()
      app.set('env', 'test')
      app.use(observe())
      for (const { method, path, handle } of routes) {
        // biome-ignore lint/suspicious/noExplicitAny: two majors of Express at once
        const handler = async (_request: any, response: any, next: (error: unknown) => void) => {
          try {
            const { status, body } = await handle()
            response.status(status).send(body)
          } catch (error) {
            if (name !== withoutPromises) throw error
            next(error)
          }
        }
        app[method.toLowerCase()](path, handler)
      }
      const server = createServer(app)
      return { port: await listen(server), close: () => close(server) }
    },
  })
}
