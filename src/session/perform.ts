import { join } from 'node:path';
import { RestageError } from '../errors.ts';
import type { Digest } from '../model/id.ts';
import { canonicalJson } from '../model/json.ts';
import type { UnitDefinition } from '../model/session.ts';
import { programOf, withoutSecrets } from './capture.ts';
import type { SessionContext } from './context.ts';
import { parseDefinition, readDeclarations, writeDefinition, writeSessionFile } from './definition.ts';
import { digestPrograms } from './digest-program.ts';
import { fingerprintOf } from './show.ts';
import { recordEnd, type LaunchedUnit } from './launch.ts';
import { whileLocked } from './lock.ts';
import type { SessionStep } from './plan.ts';
import { refuseDoubtful, startDeclared } from './start.ts';
import { stopUnit } from './stop-units.ts';
import { surveyUnit, surveyUnits } from './survey.ts';

/** How long a started unit is given to listen as it did, in ms: after that the load goes on, and the look at its end tells. */
const LISTEN_MS = 5000;
/** How long a start looks whether the program dies at once, in ms. */
const SETTLE_MS = 100;
const PAUSE_MS = 20;

/** Performs one step of a load. What was performed before may be performed again. */
export async function performStep(step: SessionStep, context: SessionContext): Promise<void> {
  await whileLocked(context, () => performLocked(step, context));
}

async function performLocked(step: SessionStep, context: SessionContext): Promise<void> {
  const { unit, definition, session } = step;
  if (step.action === 'configure') {
    if (session) await writeSessionFile(session, context);
  } else if (unit === undefined) {
    throw new TypeError(`a step ${step.action} has no unit`);
  } else if (step.action === 'stop') await stopByName(unit, context);
  else if (step.action === 'forget') await setAside(unit, context);
  else if (definition) {
    await declareAsWanted(definition, context);
    if (step.action === 'restart') await restartIfProgramIs(step.exe, definition, context);
    if (step.action === 'start') await startAsWanted(definition, step.listens ?? 0, context);
  }
}

/** Starts a unit again whose program is there by now and is not the one that runs. */
async function restartIfProgramIs(
  exe: Digest | undefined,
  definition: UnitDefinition,
  context: SessionContext,
): Promise<void> {
  const { status } = await surveyUnit(definition, context);
  const now = await digestPrograms(status, await programOf(definition, context), new Map(), context);
  if (status.is !== 'running' || now.program !== exe || now.exe === exe) return;
  await stopByName(definition.name, context);
  await startAsWanted(definition, 0, context);
}

async function stopByName(name: string, context: SessionContext): Promise<void> {
  const { units } = await surveyUnits(context, (all) => all.filter(({ definition }) => definition.name === name));
  for (const unit of units) {
    refuseDoubtful(unit.definition, unit.status);
    await stopUnit(unit, context);
  }
}

/** Takes a declaration out of `etc/`; its file is kept, comments and all, in case the unit comes back. */
async function setAside(name: string, context: SessionContext): Promise<void> {
  const { files } = context;
  const { units } = await readDeclarations(context);
  const declared = units.find(({ definition }) => definition.name === name);
  if (!declared) return;
  await files.makeDirectory(asideDirectory(context));
  await files.rename(declared.file, asidePath(name, context));
}

/** Writes a definition unless what is there means it: a secret that a person has written out stays written out. */
async function declareAsWanted(definition: UnitDefinition, context: SessionContext): Promise<void> {
  const { files, paths, host } = context;
  const { units } = await readDeclarations(context);
  const declared = units.find((unit) => unit.definition.name === definition.name);
  if (declared && isSame(withoutSecrets(declared.definition), definition)) return;
  if (!declared) {
    const text = await files.readIfExists(asidePath(definition.name, context));
    const earlier = text === undefined ? undefined : parseDefinition(text, '', [host.name]);
    if (text !== undefined && earlier && !('why' in earlier) && isSame(withoutSecrets(earlier), definition)) {
      await files.write(paths.definition(definition.name), text);
      return;
    }
  }
  await writeDefinition(definition, context);
}

async function startAsWanted(wanted: UnitDefinition, listens: number, context: SessionContext): Promise<void> {
  const { units } = await readDeclarations(context);
  const definition = units.find((unit) => unit.definition.name === wanted.name)?.definition ?? wanted;
  const launched = await startDeclared(definition, context);
  if (!launched) return;
  await refuseEarlyDeath(definition, launched, context);
  const end = context.clock.monotonic() + LISTEN_MS;
  while (listens > 0 && context.clock.monotonic() < end) {
    const { status } = await surveyUnit(definition, context);
    const fingerprint = await fingerprintOf({ definition, status }, context);
    if (!fingerprint || fingerprint.listen.length >= listens) return;
    await context.clock.sleep(PAUSE_MS);
  }
}

async function refuseEarlyDeath(
  definition: UnitDefinition,
  launched: LaunchedUnit,
  context: SessionContext,
): Promise<void> {
  const { name, alias } = definition;
  const end = await Promise.race([launched.ended, context.clock.sleep(SETTLE_MS)]);
  if (!end) return;
  await recordEnd(launched, context);
  const { status } = await surveyUnit(definition, context);
  if (status.is === 'running') return; // It has gone into the background.
  const how = end.signal === null ? `with status ${end.code ?? '?'}` : `by ${end.signal}`;
  throw new RestageError('session/died', `${alias ?? name} ended at once ${how}`, { details: { unit: name, ...end } });
}

function asideDirectory({ paths }: SessionContext): string {
  return join(paths.state, 'aside');
}

function asidePath(name: string, context: SessionContext): string {
  return join(asideDirectory(context), `${name}.yaml`);
}

function isSame(a: UnitDefinition, b: UnitDefinition): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
