import { z } from 'zod';
import { DigestText } from './digest.ts';
import { How } from './fact.ts';

/** The format of the layer's body that this program writes. */
export const ENVIRONMENT_SCHEMA = 'restage/environment-layer/1';

const commitId = z.string().regex(/^[0-9a-f]{40,64}$/);
/** Roots of the workspace are relative to it, `.` being itself; those of the machine begin with `/`. */
const root = z.string().min(1);
/** Permission bits as git and tar write them: `644`, `755`, `100644`. */
const mode = z.string().regex(/^[0-7]{3,6}$/);

/** A Debian package as dpkg knows it. */
export const AptPackage = z.strictObject({
  name: z.string(),
  arch: z.string(),
  version: z.string(),
  source: z.string(),
  sourceVersion: z.string(),
  /** Of the archive file, where an index offers exactly this version. */
  digest: DigestText.nullable(),
  size: z.number().nullable(),
  /** Ids of the origins that offer exactly this version. */
  from: z.array(z.string()),
  /** Whether it was installed for the sake of another one. */
  auto: z.boolean(),
  hold: z.boolean(),
  /** `installed`, or what dpkg calls a package that is not whole: `half-configured`, `unpacked`, … */
  state: z.string(),
  /** `index`: an origin offers it; `lost`: no origin that we have a list of does; `unknown`: there is no list. */
  availability: z.enum(['index', 'lost', 'unknown']),
});

/** A Debian package as dpkg knows it. */
export type AptPackage = z.infer<typeof AptPackage>;

/** Where apt packages can be had again: one index of one archive. */
export const AptOrigin = z.strictObject({
  id: z.string(),
  uri: z.string(),
  codename: z.string().nullable(),
  suite: z.string().nullable(),
  label: z.string().nullable(),
  origin: z.string().nullable(),
  component: z.string().nullable(),
  architecture: z.string().nullable(),
  /** The Date of its Release file, as that writes it. */
  date: z.string().nullable(),
});

/** Where apt packages can be had again. */
export type AptOrigin = z.infer<typeof AptOrigin>;

/** A configuration file that differs from what its package brought. */
export const AptConffile = z.strictObject({
  path: z.string(),
  package: z.string(),
  state: z.enum(['modified', 'deleted']),
  content: DigestText.nullable(),
});

/** A configuration file that differs from what its package brought. */
export type AptConffile = z.infer<typeof AptConffile>;

/** The Debian packages of one machine. */
export const AptSystem = z.strictObject({
  type: z.literal('apt'),
  root,
  how: How,
  packages: z.array(AptPackage),
  origins: z.array(AptOrigin),
  conffiles: z.array(AptConffile),
});

/** The Debian packages of one machine. */
export type AptSystem = z.infer<typeof AptSystem>;

/** What the index of git holds for a path that differs from HEAD; `null` in place of it: as HEAD has it. */
export const GitIndexState = z.union([z.literal('deleted'), z.strictObject({ mode, blob: commitId })]);

/** What the work tree holds for a path that differs from the index; `null` in place of it: as the index has it. */
export const GitWorkState = z.union([z.literal('deleted'), z.strictObject({ mode, digest: DigestText })]);

/** A tracked path with uncommitted work: what is staged and what is not, told apart. */
export const GitChange = z.strictObject({
  path: z.string(),
  index: GitIndexState.nullable(),
  work: GitWorkState.nullable(),
  /** Whether its content is in `kept.work`; what looks secret or is too big is held by digest only. */
  kept: z.boolean(),
});

/** A tracked path with uncommitted work. */
export type GitChange = z.infer<typeof GitChange>;

/** A file that git neither tracks nor ignores. */
export const GitUntracked = z.strictObject({
  path: z.string(),
  mode,
  size: z.number(),
  digest: DigestText,
  kept: z.boolean(),
});

/** A file that git neither tracks nor ignores. */
export type GitUntracked = z.infer<typeof GitUntracked>;

/** A git work tree. */
export const GitTree = z.strictObject({
  type: z.literal('git'),
  root,
  how: How,
  /** The first commit: with it two clones are known as one repository. `null` before the first commit. */
  rootCommit: commitId.nullable(),
  /** What HEAD is. `null` before the first commit. */
  commit: commitId.nullable(),
  /** `null`: HEAD is detached. */
  branch: z.string().nullable(),
  describe: z.string().nullable(),
  /** Without credentials. */
  remotes: z.array(z.strictObject({ name: z.string(), url: z.string() })),
  submodules: z.array(z.strictObject({ path: z.string(), commit: commitId, url: z.string().nullable() })),
  changes: z.array(GitChange),
  untracked: z.array(GitUntracked),
  kept: z.strictObject({
    /** Uncommitted work of tracked files against HEAD as a binary patch, for people and for other clones. */
    patch: DigestText.nullable(),
    /** A tar of `work/PATH` and `index/PATH`: what a load puts back, byte for byte. */
    work: DigestText.nullable(),
    /** A pack of the commits of HEAD that no remote has. */
    commits: DigestText.nullable(),
    /** The published commits that the pack builds upon; without any, it is the whole history. */
    upon: z.array(commitId),
  }),
  /** Only in a capture that is compared: commits that the other side needs and this repository does not have. */
  lacks: z.array(commitId).optional(),
});

/** A git work tree. */
export type GitTree = z.infer<typeof GitTree>;

/** Files that belong together, such as a package: their number and a digest over paths, modes and contents. */
export const TreePart = z.strictObject({ files: z.number(), digest: DigestText });

/** What a load puts a tree back from, besides its parts: a tar of all its files. */
export const TreeArchive = z.strictObject({ digest: DigestText, bytes: z.number(), files: z.number() });

/** What a load puts a tree back from. */
export type TreeArchive = z.infer<typeof TreeArchive>;

/** A package of an npm tree. */
export const NpmPackage = z.strictObject({
  /** The place in the tree, such as `node_modules/a/node_modules/b`. */
  path: z.string(),
  name: z.string().nullable(),
  version: z.string().nullable(),
  /** As the lock file says it. */
  integrity: z.string().nullable(),
  /** Where npm got it, without credentials. */
  resolved: z.string().nullable(),
  /** What a linked package points to. */
  link: z.string().nullable(),
  content: TreePart,
});

/** A package of an npm tree. */
export type NpmPackage = z.infer<typeof NpmPackage>;

/** An npm project. */
export const NpmTree = z.strictObject({
  type: z.literal('npm'),
  root,
  how: How,
  name: z.string().nullable(),
  packages: z.array(NpmPackage),
  /** Links of `.bin`, npm's own lock and whatever else lies loose in `node_modules`. */
  rest: TreePart,
  /** `package.json` and the lock file, where no git work tree already holds them. */
  manifests: z.array(z.strictObject({ path: z.string(), digest: DigestText })),
  kept: TreeArchive.nullable(),
});

/** An npm project. */
export type NpmTree = z.infer<typeof NpmTree>;

/** A Python package of a virtual environment. */
export const PythonPackage = z.strictObject({
  /** Normalized: lower case, runs of `-`, `_` and `.` are one `-`. */
  name: z.string(),
  version: z.string(),
  installer: z.string().nullable(),
  editable: z.boolean(),
  /** Where it was installed from if not by name; without credentials. */
  directUrl: z.string().nullable(),
  content: TreePart,
});

/** A Python package of a virtual environment. */
export type PythonPackage = z.infer<typeof PythonPackage>;

/** A Python virtual environment with its packages. */
export const VenvTree = z.strictObject({
  type: z.literal('venv'),
  root,
  how: How,
  python: z.string().nullable(),
  /** The Python that it was made from: without it, it does not run. */
  base: z.string().nullable(),
  systemSite: z.boolean(),
  packages: z.array(PythonPackage),
  /** Interpreter links, scripts and files that no package owns. */
  rest: TreePart,
  kept: TreeArchive.nullable(),
});

/** A Python virtual environment with its packages. */
export type VenvTree = z.infer<typeof VenvTree>;

/** One distribution: packages with one way to manage them, at one root. */
export const Distribution = z.discriminatedUnion('type', [AptSystem, GitTree, NpmTree, VenvTree]);

/** One distribution: packages with one way to manage them, at one root. */
export type Distribution = z.infer<typeof Distribution>;

/** What the software stands on. `null` is what could not be found out. */
export const EnvironmentBase = z.strictObject({
  os: z.strictObject({ id: z.string().nullable(), versionId: z.string().nullable(), codename: z.string().nullable() }),
  arch: z.string().nullable(),
  kernel: z.string().nullable(),
  libc: z.string().nullable(),
  cpu: z.strictObject({ model: z.string().nullable() }),
});

/** What the software stands on. */
export type EnvironmentBase = z.infer<typeof EnvironmentBase>;

/** The variables that matter to programs; secrets by name only. */
export const EnvironmentVariables = z.strictObject({
  set: z.record(z.string(), z.string()),
  path: z.array(z.string()),
  activate: z.array(z.strictObject({ kind: z.enum(['venv', 'conda', 'module']), id: z.string() })),
  dropped: z.array(z.string()),
});

/** The variables that matter to programs. */
export type EnvironmentVariables = z.infer<typeof EnvironmentVariables>;

/** What describes one environment. */
export const EnvironmentSpec = z.strictObject({
  how: How,
  mode: z.literal('machine'),
  base: EnvironmentBase,
  env: EnvironmentVariables,
  /** Sorted by type, then root. */
  distributions: z.array(Distribution),
  /** Only in a capture that is compared: paths that the other side needs and this machine does not have. */
  lacks: z.array(z.string()).optional(),
});

/** What describes one environment. */
export type EnvironmentSpec = z.infer<typeof EnvironmentSpec>;

/** The body of the environment layer: which places there are, and each distinct spec once. */
export const EnvironmentBody = z.strictObject({
  schema: z.literal(ENVIRONMENT_SCHEMA),
  environments: z.array(z.strictObject({ name: z.string(), at: z.string(), spec: DigestText })),
  specs: z.record(z.string(), EnvironmentSpec),
});

/** The body of the environment layer. */
export type EnvironmentBody = z.infer<typeof EnvironmentBody>;
