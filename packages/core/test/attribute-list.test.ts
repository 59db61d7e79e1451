import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AttributeList } from '@hashira/core'

test('keeps the order, and each key once', () => {
  const list = new AttributeList(['a', 1])
  list.set('b', true).set('a', 2).push('c', ['x'])
  assert.deepEqual(list.flat, ['a', 2, 'b', true, 'c', ['x']])
  assert.deepEqual(
    [...list],
    [
      ['a', 2],
      ['b', true],
      ['c', ['x']],
    ],
  )
  assert.equal(list.size, 3)
})

test('reads and deletes', () => {
  const list = new AttributeList(['a', 1, 'b', 0, 'c', 'a'])
  assert.equal(list.get('b'), 0)
  assert.equal(list.get('d'), undefined)
  assert.equal(list.has('c'), true)
  assert.equal(list.delete('b'), true)
  assert.equal(list.delete('b'), false)
  assert.deepEqual(list.flat, ['a', 1, 'c', 'a'])
})

test('a value that equals a key is not taken for one', () => {
  const list = new AttributeList(['a', 'b', 'b', 'c'])
  assert.equal(list.get('b'), 'c')
  assert.equal(list.has('c'), false)
})

test('no key is special', () => {
  const list = new AttributeList().set('__proto__', 'x').set('constructor', 1)
  assert.equal(list.get('__proto__'), 'x')
  assert.equal(list.get('toString'), undefined)
  assert.deepEqual(Object.entries(list.toObject()), [
    ['__proto__', 'x'],
    ['constructor', 1],
  ])
  assert.equal(Object.getPrototypeOf(list.toObject()), null)
})
