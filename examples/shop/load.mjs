const CARDS = ['visa', 'visa', 'visa', 'visa', 'visa', 'visa', 'declined', 'slow', 'broken', 'visa']

/** A few hundred requests, eight at a time; some are slow, some fail. `onProgress(done, total)`. */
export async function driveLoad(storefrontUrl, total, onProgress) {
  let next = 0
  let done = 0
  const worker = async () => {
    while (next < total) {
      await request(storefrontUrl, next++)
      onProgress(++done, total)
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
}

async function request(url, number) {
  const card = CARDS[number % CARDS.length]
  const answer =
    number % 3 === 0
      ? await fetch(`${url}/products/${1 + (number % 4)}`)
      : await fetch(`${url}/checkout/cart-${number}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ items: ['1', '2'], card }),
        })
  await answer.arrayBuffer()
}
