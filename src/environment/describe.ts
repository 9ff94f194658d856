import type { Distribution, EnvironmentBody } from '../model/environment.ts';
import { unreachable } from '../model/unreachable.ts';
import type { Description } from '../snapshot/layer.ts';
import { liveSpec } from './spec.ts';

/** An environment for people: one row for each distribution. */
export function describeEnvironment(body: EnvironmentBody): Description {
  const spec = liveSpec(body);
  const columns = ['type', 'root', 'what', 'details'];
  if (!spec) return { headline: 'nothing', columns, rows: [] };
  const { base, env, distributions } = spec;
  const system = [base.os.id, base.os.codename ?? base.os.versionId, base.arch].filter((part) => part !== null);
  const counts = new Map<string, number>();
  for (const { type } of distributions) counts.set(type, (counts.get(type) ?? 0) + 1);
  const names = Array.from(counts, ([type, count]) => (count === 1 ? type : `${count} ${type}`));
  const set = Object.keys(env.set).length;
  return {
    headline: [system.join(' '), ...names].join(', '),
    columns,
    rows: [
      ['base', '', system.join(' '), [base.kernel, base.libc].filter((part) => part !== null).join(', ')],
      ['variables', '', `${set} set`, env.dropped.length === 0 ? '' : `without ${env.dropped.join(' ')}`],
      ...distributions.map((one) => [one.type, one.root, ...describe(one)]),
    ],
  };
}

function describe(distribution: Distribution): readonly [string, string] {
  switch (distribution.type) {
    case 'apt': {
      const { packages, conffiles } = distribution;
      const lost = packages.filter(({ availability }) => availability === 'lost').length;
      const facts = [
        ...(lost > 0 ? [`${lost} in no index`] : []),
        ...(conffiles.length > 0 ? [`${conffiles.length} conffiles changed`] : []),
      ];
      return [`${packages.length} packages`, facts.join(', ')];
    }
    case 'git': {
      const { commit, branch, changes, untracked, kept } = distribution;
      const at = commit === null ? 'no commit' : commit.slice(0, 10);
      const facts = [
        ...(changes.length > 0 ? [`${changes.length} changed`] : []),
        ...(untracked.length > 0 ? [`${untracked.length} untracked`] : []),
        ...(kept.commits === null ? [] : ['commits kept']),
      ];
      return [`${at} (${branch ?? 'detached'})`, facts.join(', ') || 'clean'];
    }
    case 'npm':
      return [`${distribution.packages.length} packages`, keptText(distribution.kept)];
    case 'venv':
      return [
        `Python ${distribution.python ?? 'unknown'}, ${distribution.packages.length} packages`,
        keptText(distribution.kept),
      ];
    default:
      return unreachable(distribution);
  }
}

function keptText(kept: { readonly files: number } | null): string {
  return kept === null ? 'nothing kept' : `${kept.files} files kept`;
}
