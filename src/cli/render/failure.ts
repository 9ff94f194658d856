import { exitStatusOf, RestageError } from '../../errors.ts';
import type { Paint } from './color.ts';
import { printable } from './table.ts';

/** A failure for people: one line, and a hint where it is expected; a stack where it is a bug. */
export function failureText(thrown: unknown, isVerbose: boolean, paint: Paint): string {
  const name = paint('failure', 'restage:');
  const hint = paint('quiet', 'hint:');
  if (!(thrown instanceof RestageError)) {
    return `${name} this is a bug of restage: ${stackOf(thrown)}\n${hint} Report it with the lines above and the command`;
  }
  const lines = [`${name} ${printable(thrown.message)}`, `${hint} ${printable(thrown.hint)}`];
  if (isVerbose) lines.push(`code: ${thrown.code}`, ...causesOf(thrown), ...detailsOf(thrown));
  return lines.join('\n');
}

/** A failure for machines: one document, on stderr. */
export function failureDocument(thrown: unknown): object {
  const status = exitStatusOf(thrown);
  if (!(thrown instanceof RestageError)) {
    return { schema: 'restage/error/1', code: 'bug', exit: status, message: String(thrown), stack: stackOf(thrown) };
  }
  const { code, message, hint, details } = thrown;
  return { schema: 'restage/error/1', code, exit: status, message, hint, details };
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? String(thrown)) : String(thrown);
}

function causesOf({ cause }: Error): readonly string[] {
  if (!(cause instanceof Error)) return cause === undefined ? [] : [`cause: ${JSON.stringify(cause)}`];
  return [`cause: ${cause.message}`, ...causesOf(cause)];
}

function detailsOf({ details }: RestageError): readonly string[] {
  return Object.entries(details).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
}
