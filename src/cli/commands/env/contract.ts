/** What the commands of this wing need of it; `main.ts` hands it in. */
export interface EnvironmentCommands {
  readonly kind: 'env';
}
