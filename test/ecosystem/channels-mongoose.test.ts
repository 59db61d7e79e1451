import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, test } from 'node:test'
import { mongoServer } from './support/mongo-server.ts'
import { childOf, observed } from './support/observed.ts'

const require = createRequire(import.meta.url)
const { inRequest } = observed({})

test('mongoose by its own channels', async () => {
  const mongoose = require('mongoose')
  const port = await mongoServer()
  await mongoose.connect(`mongodb://127.0.0.1:${port}/shop`, { autoCreate: false, autoIndex: false })
  after(() => mongoose.disconnect())
  const User = mongoose.model('User', new mongoose.Schema({ id: Number, name: String }))
  const { request, inside } = await inRequest(async () => {
    assert.equal((await User.findOne({ name: 'secret' })).name, 'me')
  })
  const span = childOf(request, inside, '@hashira/mongoose')
  assert.equal(span.name, 'findOne users')
  assert.equal(span.kind, 2)
  assert.deepEqual(span.attributes, {
    'db.system.name': 'mongodb',
    'db.namespace': 'shop',
    'db.collection.name': 'users',
    'db.operation.name': 'findOne',
    'server.address': '127.0.0.1',
    'server.port': port,
  })
})
