// An app that is mounted in another one, behind a listener that is neither of them.
const http = require('node:http')
const express = require(process.env.FRAMEWORK)

const inner = express()
inner.get('/users/:id', (_request, response) => response.send('user'))
const outer = express()
outer.use('/api', inner)
const server = http.createServer((request, response) => outer(request, response))
server.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}/api/users/`
  for (const id of [1, 2]) await (await fetch(url + id)).text()
  server.close()
  server.closeAllConnections()
})
