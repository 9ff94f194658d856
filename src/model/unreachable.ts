/** Ends a `switch` over a closed union: the compiler refuses it while a member has no case. */
export function unreachable(value: never): never {
  throw new Error(`no case for ${JSON.stringify(value)}`);
}
