// What every app here does: it knows nothing of Hashira. It serves, asks itself twice, and ends. Logs go to stdout as JSON lines.
const { once } = require('node:events')

/** `listen` resolves to a port; `stop` closes. */
exports.askItself = async function askItself(port, stop) {
  for (const path of ['/users/7', '/users/8']) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    await response.text()
  }
  await stop()
}

exports.serve = async function serve(server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = () => new Promise((resolve) => server.close(resolve).closeAllConnections())
  await exports.askItself(server.address().port, stop)
}
