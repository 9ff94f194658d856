import { createHash } from 'node:crypto';
import { z } from 'zod';
import { RestageError } from '../../../errors.ts';
import { digestOf, digestOfJson } from '../../../model/digest.ts';
import { AptOrigin, AptPackage, type AptConffile, type AptSystem } from '../../../model/environment.ts';
import { compareText } from '../../../model/order.ts';
import { Remark } from '../../../model/plan.ts';
import { defineDistributionDriver, type DistributionContext, type DistributionStep } from '../contract.ts';
import { diffApt } from './diff.ts';
import { readDatabase, type AptDatabase } from './read.ts';

const STATUS = '/var/lib/dpkg/status';

/** The databases as they were read last, and from which files. */
const Remembered = z.strictObject({
  key: z.string(),
  database: z.strictObject({
    packages: z.array(AptPackage),
    origins: z.array(AptOrigin),
    conffiles: z.array(z.strictObject({ path: z.string(), package: z.string(), md5: z.string() })),
    unresolved: z.array(Remark),
  }),
});

/** Debian and Ubuntu packages of a machine. They are read and compared; nothing here changes them. */
export const apt = defineDistributionDriver<AptSystem, DistributionStep & { readonly type: 'apt' }>({
  id: 'apt',
  summary: 'Debian and Ubuntu packages of this machine',
  scope: 'machine',

  async probe({ files }) {
    if (await files.exists(STATUS)) return { available: true };
    return { available: false, reason: `there is no ${STATUS}` };
  },

  recognize: () => undefined,

  async capture(root, context) {
    const place = root === '/' ? '' : root;
    const { packages, origins, conffiles, unresolved } = await readCached(place, context);
    const changed = await changedConffiles(place, conffiles, context);
    const isBusy = (await context.files.list(`${place}/var/lib/dpkg/updates`)).some(({ name }) => /^\d+$/.test(name));
    return {
      body: {
        ...{ type: 'apt', root, how: 'observed', packages: [...packages] },
        ...{ origins: [...origins], conffiles: changed.conffiles },
      },
      notKept: [],
      unresolved: [
        ...unresolved,
        ...changed.unresolved,
        ...(isBusy ? [{ item: 'apt', why: 'dpkg is at work, or was interrupted: its database is not whole' }] : []),
      ],
    };
  },

  diff: diffApt,
  needs: () => [],
  // What the machine has is left alone: the layer says so, with or without --system.
  plan: () => ({ steps: [], impossible: [], left: [] }),
  apply: async () => undefined,
});

/** The databases change seldom and their indexes are large: while no file has been touched, they are what they were. */
async function readCached(root: string, context: DistributionContext): Promise<AptDatabase> {
  const { files, cache } = context;
  const cacheFile = `${cache}/apt-${digestOf(root).slice(7, 23)}.json`;
  const key = await stateOf(root, files);
  const remembered = parseRemembered(await files.readIfExists(cacheFile));
  if (remembered?.key === key) return remembered.database;
  const database = await readDatabase(root, context);
  // Read while it changed: the next capture reads again.
  if ((await stateOf(root, files)) !== key) return database;
  try {
    await files.write(cacheFile, JSON.stringify({ key, database }));
  } catch (error) {
    if (!(error instanceof RestageError)) throw error;
  }
  return database;
}

async function stateOf(root: string, files: DistributionContext['files']): Promise<string> {
  const lists = `${root}/var/lib/apt/lists`;
  const names = (await files.list(lists)).filter(({ kind }) => kind === 'file').map(({ name }) => `${lists}/${name}`);
  const paths = [`${root}${STATUS}`, `${root}/var/lib/apt/extended_states`, ...names];
  const states = await Promise.all(
    paths.map(async (path) => {
      const stat = await files.stat(path);
      return [path, stat?.inode, stat?.size, stat?.modified, stat?.changed];
    }),
  );
  return digestOfJson(states.map((state) => state.map((part) => part ?? null)));
}

function parseRemembered(text: string | undefined): z.infer<typeof Remembered> | undefined {
  try {
    return text === undefined ? undefined : Remembered.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function changedConffiles(
  root: string,
  all: AptDatabase['conffiles'],
  context: Pick<DistributionContext, 'files'>,
): Promise<{ readonly conffiles: AptConffile[]; readonly unresolved: Remark[] }> {
  const unresolved: Remark[] = [];
  const conffiles: AptConffile[] = [];
  for (const one of all) {
    try {
      const changed = await changedConffile(root, one, context);
      if (changed) conffiles.push(changed);
    } catch (error) {
      if (!(error instanceof RestageError)) throw error;
      unresolved.push({ item: `apt conffile ${one.path}`, why: error.message });
    }
  }
  conffiles.sort((a, b) => compareText(a.path, b.path));
  return { conffiles, unresolved };
}

async function changedConffile(
  root: string,
  { path, package: owner, md5 }: AptDatabase['conffiles'][number],
  { files }: Pick<DistributionContext, 'files'>,
): Promise<AptConffile | undefined> {
  const stat = await files.stat(`${root}${path}`);
  if (!stat) return { path, package: owner, state: 'deleted', content: null };
  if (stat.kind !== 'file') return undefined;
  const bytes = await files.read(`${root}${path}`);
  const isSame = createHash('md5').update(bytes).digest('hex') === md5;
  return isSame ? undefined : { path, package: owner, state: 'modified', content: digestOf(bytes) };
}
