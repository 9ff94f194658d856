import type { Distribution } from '../../model/environment.ts';
import type { Description } from '../../snapshot/layer.ts';
import type { PackageUse, TracedCommand, TracedUse } from '../commands/env/contract.ts';
import type { FoundEnvironment } from '../commands/env/environment-of.ts';
import { columnsText } from './columns.ts';
import { countText, sizeText } from './quantity.ts';
import { printable, tableText } from './table.ts';

/** How many loose files are named. */
const LOOSE_SHOWN = 20;

/** An environment for people: its table, what could not be read, what is not kept. */
export function environmentText(
  { unresolved, notKept }: Pick<FoundEnvironment, 'unresolved' | 'notKept'>,
  { headline, columns, rows }: Description,
): string {
  return [
    headline,
    ...(rows.length === 0 ? [] : [tableText(columns, rows).replace(/^/gm, '  ')]),
    ...unresolved.map(({ item, why }) => printable(`not read: ${item}: ${why}`)),
    ...notKept.map(({ what, bytes }) =>
      printable(`NOT kept: ${what}${bytes === undefined ? '' : ` (${sizeText(bytes)})`}`),
    ),
  ].join('\n');
}

/** The packages of distributions: one list each. */
export function packagesText(distributions: readonly Distribution[]): string[] {
  return distributions.map((distribution) => {
    const rows = packageRows(distribution).map((row) => row.map(printable));
    return [`${distribution.type} ${distribution.root}`, ...(rows.length === 0 ? [] : [columnsText(rows, '  ')])].join(
      '\n',
    );
  });
}

/** To whom a file belongs. */
export function whyText(path: string, owner: PackageUse | null): string {
  return printable(owner ? `${path}: ${ownerText(owner)}` : `${path}: belongs to no package here`);
}

/** What a traced command used. */
export function traceText({ exit, how, processes, files }: TracedCommand, { packages, loose }: TracedUse): string {
  if (how === 'unknown')
    return `command exit ${exit}; its files are not known: strace does not work here (Debian: apt-get install strace)`;
  const owned = packages.reduce((sum, one) => sum + one.files, 0);
  const rows = packages.map((one) =>
    [one.type, ownerName(one), one.version ?? '', countText(one.files, 'file')].map(printable),
  );
  return [
    ...(rows.length === 0 ? [] : [columnsText(rows)]),
    ...loose.slice(0, LOOSE_SHOWN).map(({ path, role }) => printable(`loose  ${path}  ${role}`)),
    ...(loose.length > LOOSE_SHOWN ? [`loose  and ${loose.length - LOOSE_SHOWN} more`] : []),
    `${countText(Object.keys(files).length, 'file')} = ${owned} owned + ${loose.length} loose (command exit ${exit}, ${processes === 1 ? '1 process' : `${processes} processes`})`,
  ].join('\n');
}

function packageRows(distribution: Distribution): string[][] {
  switch (distribution.type) {
    case 'apt':
      return distribution.packages.map(({ name, arch, version, availability }) => [
        `${name}:${arch}`,
        version,
        availability,
      ]);
    case 'npm':
      return distribution.packages.map(({ path, version, link }) => [
        path,
        version ?? '',
        link === null ? '' : `-> ${link}`,
      ]);
    case 'venv':
      return distribution.packages.map(({ name, version, editable }) => [name, version, editable ? 'editable' : '']);
    case 'git':
      return [
        ...distribution.changes.map(({ path, index, work }) => [
          path,
          work === null ? 'staged' : index === null ? 'modified' : 'staged and modified',
        ]),
        ...distribution.untracked.map(({ path, kept }) => [path, kept ? 'untracked' : 'untracked, not kept']),
      ];
    default:
      return [];
  }
}

function ownerText(owner: PackageUse): string {
  return [owner.type, ownerName(owner), owner.version ?? ''].join(' ').trim();
}

function ownerName({ root, name }: PackageUse): string {
  return [...(root === '/' || root === '.' ? [] : [root]), ...(name === null ? [] : [name])].join(' ');
}
