import { RestageError } from '../errors.ts';
import type { ProcessRecord } from '../model/process-record.ts';
import type { UnitDefinition } from '../model/session.ts';
import type { Launched } from '../platform/process.ts';
import type { SessionContext } from './context.ts';
import { keepLastGood, launchDigest } from './definition.ts';
import type { PreparedLaunch } from './prepare.ts';
import { removeRecord, writeExit, writeRecord } from './record.ts';
import { LAUNCH_VARIABLE } from './status.ts';

/** A unit that was launched. */
export interface LaunchedUnit extends Launched {
  readonly record: ProcessRecord;
}

/**
 * Launches a unit that is known not to run; the caller holds the lock of the session.
 *
 * In this order, so that a crash at any instant leaves no second copy: the record with a new launch id is made durable;
 * the program is executed with that id in its environment; the identity replaces the announcement.
 *
 * @throws {RestageError} `session/program` if the kernel refuses to execute it; then nothing is recorded
 */
export async function launchUnit(
  definition: UnitDefinition,
  prepared: PreparedLaunch,
  context: SessionContext,
): Promise<LaunchedUnit> {
  const { files, paths, processes } = context;
  const { name } = definition;
  const record = announcement(definition, prepared, context);
  await files.remove(paths.exit(name));
  await keepLastGood(definition, context);
  await writeRecord(record, context);
  for (const folder of [paths.out(name), paths.err(name)])
    await files.makeDirectory(folder.slice(0, folder.lastIndexOf('/')));
  const launched = await processes.launch({
    program: prepared.program.path,
    argv: prepared.argv,
    directory: prepared.directory,
    variables: { ...prepared.variables, ...ourVariables(record, definition, context) },
    out: paths.out(name),
    err: paths.err(name),
  });
  if ('failure' in launched) {
    await removeRecord(name, context);
    throw new RestageError(
      'session/program',
      `${name}: ${prepared.program.path} cannot be executed: ${launched.failure}`,
      {
        details: { unit: name, program: prepared.program.path, failure: launched.failure },
      },
    );
  }
  const running: ProcessRecord = { ...record, phase: 'running', identity: launched.identity };
  await writeRecord(running, context);
  return { ...launched, record: running };
}

/** Keeps how a process ended that was seen to end; its pid file goes with it, its record stays for its leftovers. */
export async function recordEnd({ record, ended }: LaunchedUnit, context: SessionContext): Promise<void> {
  const { code, signal } = await ended;
  await writeExit(record.name, { launch: record.launch, code, signal }, context);
  await context.files.remove(context.paths.pid(record.name));
}

function announcement(definition: UnitDefinition, prepared: PreparedLaunch, context: SessionContext): ProcessRecord {
  const { host, clock, random, proc } = context;
  const { machineId, bootId, pid, startTicks } = host;
  return {
    schema: 'restage/process/1',
    name: definition.name,
    launch: random.hex(16),
    phase: 'starting',
    ...{ at: clock.now(), ticks: proc.uptimeTicks(), owner: { machineId, bootId, pid, startTicks } },
    ...{ host: host.name, machineId, bootId, identity: null },
    ...{ argv: [...prepared.argvTemplates], cwd: prepared.directory, program: prepared.program },
    definition: launchDigest(definition),
    variables: { ...prepared.sources },
  };
}

/** What tells a process whose unit it is. */
function ourVariables(
  { launch }: ProcessRecord,
  { name, alias }: UnitDefinition,
  { paths }: SessionContext,
): Record<string, string> {
  return {
    [LAUNCH_VARIABLE]: launch,
    RESTAGE_NAME: name,
    RESTAGE_ALIAS: alias ?? name,
    RESTAGE_WORKSPACE: paths.workspace,
    RESTAGE_DB: paths.db(name),
  };
}
