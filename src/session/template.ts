/** A reference in a text of a definition: `${secret:NAME}`, `${env:NAME}`, `${file:PATH}`. */
export const REFERENCE = /\$\{(secret|env|file):([^${}]+)\}/g;

/** A part of a template. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'secret' | 'env' | 'file'; readonly name: string };

/** Finds what a reference stands for; `undefined` where nobody knows. */
export type ResolveReference = (kind: 'secret' | 'env' | 'file', name: string) => string | undefined;

/** Reads a template. `$${` stands for `${` itself, so that every text can be written. */
export function parseTemplate(template: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  const pattern = new RegExp(`\\$\\$\\{|${REFERENCE.source}`, 'g');
  let text = '';
  let from = 0;
  for (const match of template.matchAll(pattern)) {
    const [whole, kind, name] = match;
    text += template.slice(from, match.index);
    from = match.index + whole.length;
    if (kind === undefined || name === undefined) {
      text += '${';
      continue;
    }
    if (text !== '') parts.push({ kind: 'text', text });
    text = '';
    parts.push({ kind: kind as 'secret' | 'env' | 'file', name });
  }
  text += template.slice(from);
  if (text !== '') parts.push({ kind: 'text', text });
  return parts;
}

/** Writes a text so that `parseTemplate` reads it back as this text and nothing else. */
export function escapeTemplate(text: string): string {
  return text.replaceAll('${', () => '$${');
}

/** A reference to a secret. */
export function secretReference(name: string): string {
  return `\${secret:${name}}`;
}

/** What a resolved template says, and the references that nobody could resolve, as they are written. */
export interface ResolvedTemplate {
  readonly text: string;
  readonly unresolved: readonly string[];
  /** Values of secrets in it, to be masked wherever the text is shown. */
  readonly secrets: readonly string[];
}

/** Puts in the place of each reference what it stands for. */
export function resolveTemplate(template: string, resolve: ResolveReference): ResolvedTemplate {
  const unresolved: string[] = [];
  const secrets: string[] = [];
  let text = '';
  for (const part of parseTemplate(template)) {
    if (part.kind === 'text') {
      text += part.text;
      continue;
    }
    const value = resolve(part.kind, part.name);
    if (value === undefined) unresolved.push(`\${${part.kind}:${part.name}}`);
    else if (part.kind === 'secret') secrets.push(value);
    text += value ?? '';
  }
  return { text, unresolved, secrets };
}
