import type { ProcessRecord } from '../model/process-record.ts';
import type { UnitDefinition } from '../model/session.ts';
import type { SessionContext } from './context.ts';
import { launchDigest } from './definition.ts';
import { argvOf } from './prepare.ts';
import { stampProgram } from './program.ts';
import { findLeader, identityOf, type MarkedProcess } from './status.ts';

/**
 * Makes the record of a unit anew from a process that carries its name and this workspace in its environment.
 *
 * `pid/` may have been removed (by `git clean`, by a person) or brought back from long ago; what runs is not moved by
 * that, and must not be started twice. What the process cannot say is assumed to be as it is declared.
 */
export async function rebuildRecord(
  definition: UnitDefinition,
  marks: readonly MarkedProcess[],
  context: SessionContext,
): Promise<ProcessRecord | undefined> {
  const { host, paths, proc, clock } = context;
  const { name } = definition;
  const leader = findLeader(marks.filter((mark) => mark.name === name && mark.workspace === paths.workspace));
  const exe = leader && proc.link(leader.pid, 'exe')?.replace(/ \(deleted\)$/, '');
  if (!leader || exe === undefined || !/^[0-9a-f]{32}$/.test(leader.launch)) return undefined;
  const identity = identityOf(leader, context);
  const program = (await stampProgram(exe, context)) ?? { path: exe, device: 0, inode: 0, size: 0, modified: 0 };
  return {
    schema: 'restage/process/1',
    ...{ name, launch: leader.launch, phase: 'running', identity, owner: identity },
    ...{ at: clock.now(), ticks: leader.startTicks },
    ...{ host: host.name, machineId: host.machineId, bootId: host.bootId },
    ...{ argv: [...argvOf(definition, context)], cwd: proc.link(leader.pid, 'cwd') ?? paths.workspace, program },
    ...{ definition: launchDigest(definition), variables: {} },
  };
}
