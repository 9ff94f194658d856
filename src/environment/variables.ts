import type { EnvironmentVariables } from '../model/environment.ts';
import { isSecretKey, looksSecret, redactText } from '../model/redact.ts';

/**
 * Variables that change what programs compute, `*` standing for any characters. What a terminal or a login sets for
 * itself (PWD, TERM, SSH_*, DISPLAY …) differs between two shells of one experiment and is not among them.
 */
export const MATTERING: readonly string[] = [
  ...['LANG', 'LANGUAGE', 'LC_*', 'TZ', 'SOURCE_DATE_EPOCH'],
  ...['LD_LIBRARY_PATH', 'LD_PRELOAD', 'LIBRARY_PATH', 'CPATH', 'PKG_CONFIG_PATH'],
  ...['CC', 'CXX', 'FC', 'CFLAGS', 'CXXFLAGS', 'CPPFLAGS', 'FFLAGS', 'LDFLAGS', 'MAKEFLAGS'],
  ...['PYTHONPATH', 'PYTHONHOME', 'PYTHONHASHSEED', 'PYTHONOPTIMIZE', 'NODE_PATH', 'NODE_OPTIONS', 'NODE_ENV'],
  ...['PERL5LIB', 'RUBYLIB', 'GEM_PATH', 'R_LIBS', 'R_LIBS_*', 'JAVA_HOME', 'CLASSPATH', 'JULIA_*', 'GOFLAGS'],
  ...['OMP_*', 'MKL_*', 'OPENBLAS_*', 'NUMEXPR_*', 'CUDA_*', 'NVIDIA_*', 'ROCR_*', 'HIP_*'],
  ...['VIRTUAL_ENV', 'CONDA_PREFIX', 'CONDA_DEFAULT_ENV', 'LOADEDMODULES', 'MODULEPATH'],
  ...['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'],
];

/** Which variables count besides, and which never; names with `*`. */
export interface VariableRules {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/**
 * The variables that matter, without secrets: one whose name or value looks like a secret stands in `dropped` by its
 * name alone, and credentials are taken out of addresses.
 */
export function readVariables(
  variables: Readonly<Record<string, string | undefined>>,
  { allow, deny }: VariableRules,
): EnvironmentVariables {
  const matters = matcher([...MATTERING, ...allow]);
  const denied = matcher(deny);
  const set: Record<string, string> = {};
  const dropped: string[] = [];
  for (const name of Object.keys(variables).sort()) {
    const value = variables[name];
    if (value === undefined || name === 'PATH') continue;
    if (isSecretKey(name) || denied(name)) dropped.push(name);
    else if (matters(name)) {
      const shown = redactText(value);
      if (looksSecret(shown)) dropped.push(name);
      else set[name] = shown;
    }
  }
  const path = (variables['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  return { set, path, activate: activations(variables), dropped };
}

function activations(variables: Readonly<Record<string, string | undefined>>): EnvironmentVariables['activate'] {
  const { VIRTUAL_ENV: venv, CONDA_DEFAULT_ENV: conda, LOADEDMODULES: modules } = variables;
  return [
    ...(venv ? [{ kind: 'venv' as const, id: venv }] : []),
    ...(conda ? [{ kind: 'conda' as const, id: conda }] : []),
    ...(modules ?? '')
      .split(':')
      .filter((id) => id !== '')
      .map((id) => ({ kind: 'module' as const, id })),
  ];
}

function matcher(patterns: readonly string[]): (name: string) => boolean {
  const forms = patterns.map((pattern) =>
    pattern
      .split('*')
      .map((part) => part.replace(/[^\w]/g, '\\$&'))
      .join('.*'),
  );
  const expression = new RegExp(`^(?:${forms.join('|') || '(?!)'})$`);
  return (name) => expression.test(name);
}
