import { isAbsolute, relative } from 'node:path';
import { RestageError } from '../errors.ts';
import type { Fingerprint } from '../model/fingerprint.ts';
import { canonicalJson } from '../model/json.ts';
import type { Remark } from '../model/plan.ts';
import type { SessionBody, SessionObstacle, SessionUnit, UnitDefinition } from '../model/session.ts';
import type { SessionContext } from './context.ts';
import { launchDigest, readSessionFile } from './definition.ts';
import { digestPrograms, type ProgramDigests } from './digest-program.ts';
import { hideInUri } from './identify.ts';
import { argvOf, directoryOf, prepareLaunch } from './prepare.ts';
import { findProgram } from './program.ts';
import { hideInArguments, hideInVariables, readSecrets } from './secrets.ts';
import { fingerprintOf } from './show.ts';
import { surveyUnits, type SurveyedUnit } from './survey.ts';
import { readProcessTable, type ProcessTable } from './tree.ts';
import { resolveTemplate } from './template.ts';
import { parseUnitUri } from './uri.ts';

/** The session as it is, and what of it could not be read. */
export interface CapturedSession {
  readonly body: SessionBody;
  readonly unresolved: readonly Remark[];
}

/**
 * Reads the session: what is declared, what runs, and of which program. Changes nothing.
 *
 * @param want - the body that is compared with: what stands in the way of its units is looked up too
 */
export async function captureSession(
  context: SessionContext,
  digests: ProgramDigests,
  want?: SessionBody,
): Promise<CapturedSession> {
  const { dependences, schemes } = await readSessionFile(context);
  const { units, flaws } = await surveyUnits(context);
  const unresolved: Remark[] = flaws.map(({ file, line, why }) => ({
    item: line === undefined ? file : `${file}:${line}`,
    why,
  }));
  const table = readProcessTable(context);
  const captured: Record<string, SessionUnit> = {};
  for (const unit of units) {
    const { name, alias } = unit.definition;
    captured[name] = await captureUnit(unit, table, digests, context);
    if (canonicalJson(captured[name].definition) !== canonicalJson(unit.definition)) {
      const hint = 'Move it to etc/secrets.yaml and refer to it';
      unresolved.push({ item: alias ?? name, why: 'a secret is written out in its file; a reference is kept', hint });
    }
  }
  const body: SessionBody = { schema: 'restage/session-layer/1', words: 1, dependences, schemes, units: captured };
  const obstacles = want ? await findObstacles(want, digests, context) : {};
  return { body: Object.keys(obstacles).length === 0 ? body : { ...body, obstacles }, unresolved };
}

/** A definition without the secrets that somebody has written into it. */
export function withoutSecrets(definition: UnitDefinition): UnitDefinition {
  const { name, alias, uri, command, env } = definition;
  const owner = alias ?? name;
  return {
    ...definition,
    uri: hideInUri(parseUnitUri(uri, []), owner).templates,
    command: command && [...hideInArguments(command, owner).templates],
    env: {
      ...env,
      captured: hideInVariables(env.captured, owner).templates,
      set: hideInVariables(env.set, owner).templates,
    },
  };
}

async function captureUnit(
  unit: SurveyedUnit,
  table: ProcessTable,
  digests: ProgramDigests,
  context: SessionContext,
): Promise<SessionUnit> {
  const { status, record } = unit;
  const definition = withoutSecrets(unit.definition);
  if (status.is === 'unknown') return { definition, status: 'unknown', how: 'unknown', host: status.host };
  if (status.is === 'ambiguous' || status.is === 'starting') return { definition, status: 'unknown', how: 'unknown' };
  const file = await programOf(unit.definition, context);
  const { exe, program } = await digestPrograms(status, file, digests, context);
  const path = file === undefined ? undefined : placedPath(file, context);
  const programs = { ...(path && { path }), ...(exe && { exe }), ...(program && program !== exe && { program }) };
  if (status.is !== 'running') return { definition, status: 'down', how: 'observed', ...programs };
  const fingerprint = await fingerprintOf(unit, context, table);
  const isEdited = record !== undefined && record.definition !== launchDigest(unit.definition);
  return {
    ...{ definition, status: 'up', how: 'observed' },
    ...(fingerprint && { fingerprint: placed(fingerprint, context) }),
    ...programs,
    ...(isEdited && { launched: record.definition }),
  };
}

/** A fingerprint that means the same wherever the workspace lies. */
function placed(fingerprint: Fingerprint, context: SessionContext): Fingerprint {
  const { cwd, exe } = fingerprint;
  const place = (path: string | null) => (path === null ? null : placedPath(path, context));
  return { ...fingerprint, cwd: place(cwd), exe: place(exe) };
}

/** A path, relative to the workspace where it lies in it. */
function placedPath(path: string, { paths }: SessionContext): string {
  const inside = relative(paths.workspace, path);
  return inside.startsWith('..') ? path : inside === '' ? '.' : inside;
}

/** The file that a start would execute now, as far as it can be told without secrets. */
export async function programOf(definition: UnitDefinition, context: SessionContext): Promise<string | undefined> {
  const plain = (template: string | undefined) => resolveTemplate(template ?? '', () => '').text;
  try {
    const [name] = argvOf(definition, context);
    const { set, captured } = definition.env;
    const path = plain(set['PATH'] ?? captured['PATH']);
    const search = { name: plain(name), directory: directoryOf(definition, context) };
    return await findProgram({ ...search, path: path === '' ? undefined : path }, context);
  } catch (error) {
    if (error instanceof RestageError) return undefined;
    throw error;
  }
}

async function findObstacles(
  want: SessionBody,
  digests: ProgramDigests,
  context: SessionContext,
): Promise<Record<string, SessionObstacle[]>> {
  const secrets = await readSecrets(context);
  const obstacles: Record<string, SessionObstacle[]> = {};
  for (const [name, unit] of Object.entries(want.units)) {
    if (unit.status !== 'up') continue;
    const found = await obstacleTo(unit, secrets, digests, context);
    if (found) obstacles[name] = [found];
  }
  return obstacles;
}

async function obstacleTo(
  { definition, exe }: SessionUnit,
  secrets: ReadonlyMap<string, string>,
  digests: ProgramDigests,
  context: SessionContext,
): Promise<SessionObstacle | undefined> {
  try {
    const prepared = await prepareLaunch(definition, secrets, context);
    // What lies in the workspace, another layer may bring back before the unit is started.
    if ('what' in prepared) return isInside(prepared.what, definition, context) ? undefined : prepared;
    const path = prepared.program.path;
    const { program } = await digestPrograms({ is: 'inactive' }, path, digests, context);
    const isOther = exe !== undefined && program !== undefined && exe !== program;
    return isOther && !isInside(path, definition, context) ? { code: 'other-program', what: path } : undefined;
  } catch (error) {
    if (!(error instanceof RestageError)) throw error;
    if (error.code === 'file/missing') return { code: 'no-file', what: error.message };
    return { code: 'no-scheme', what: error.message };
  }
}

function isInside(path: string, definition: UnitDefinition, context: SessionContext): boolean {
  if (!path.includes('/')) return false;
  const absolute = isAbsolute(path) ? path : `${directoryOf(definition, context)}/${path}`;
  return !isAbsolute(placedPath(absolute, context));
}
