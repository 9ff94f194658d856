import { RestageError } from '../../errors.ts';
import { decodeTemplate, formatUnitUri } from '../uri.ts';
import { defineSchemeDriver } from './contract.ts';

/**
 * `exec://HOST/PATH?ARG&KEY=VALUE`: a program by its absolute path, and each query item, in written order, as one argument.
 *
 * No shell: an item is an argument as it is once its escapes are resolved, so `-p`, `--port=80` and `username=x` all work.
 */
export const exec = defineSchemeDriver({
  id: 'exec',
  summary: 'programs of this machine, by path and arguments',
  queryOrder: 'significant',
  accepts: ({ scheme }) => scheme === 'exec',
  launch(uri) {
    const [program, ...args] = [uri.path, ...uri.query].map(decodeTemplate);
    if (program === undefined || program.endsWith('/')) {
      throw new RestageError('session/uri', `${formatUnitUri({ ...uri, query: [] })} names no program`, {
        hint: 'Write exec://localhost/ABSOLUTE/PATH?ARGUMENT&ARGUMENT',
      });
    }
    return { argv: [program, ...args], kind: 'service' };
  },
});
