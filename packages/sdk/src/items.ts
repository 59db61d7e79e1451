/** For messages: `1 item was`. */
export function items(count: number): string {
  return count === 1 ? '1 item was' : `${count} items were`
}
