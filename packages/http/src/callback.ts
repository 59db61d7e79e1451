/**
 * A function that the app gives us. Its parameters are bivariant, so that it may be annotated with the framework's own request
 * type, of whichever version, where ours says the little that all versions have.
 */
export type Callback<Arguments extends readonly unknown[], Result> = {
  call(...args: Arguments): Result
}['call']
