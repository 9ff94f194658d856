import { defineDiffer } from './contract.ts';

/** Contents of any kind, by digest and size. */
export const digest = defineDiffer({
  id: 'digest',
  summary: 'Digest and size, for content of any kind',
  fits: () => true,
  diff: ({ from, to }) => ({
    differ: 'digest',
    lines: [`-${from.digest} ${from.size}`, `+${to.digest} ${to.size}`],
    ...{ added: 1, removed: 1 },
  }),
});
