/**
 * What a reviewer has typed and not sent, kept for one version of one request: it survives a closed popup and a
 * killed worker, and it never outlives the arguments that it was typed for.
 */
import { storage } from 'wxt/utils/storage';

/** `edits` maps a field's path to the text in its box; only fields that were touched are in it. */
export type Draft = {
  edits: Record<string, string>;
  edit_reason: string;
  reject_reason: string;
  question: string;
  revoke_reason: string;
};

export const emptyDraft: Draft = {
  edits: {},
  edit_reason: '',
  reject_reason: '',
  question: '',
  revoke_reason: '',
};

const name = (id: string, version: number) => `session:draft:${id}:${version}` as const;

export async function readDraft(id: string, version: number): Promise<Draft> {
  // A draft of an older build lacks what came later.
  return { ...emptyDraft, ...(await storage.getItem<Partial<Draft>>(name(id, version))) };
}

export function writeDraft(id: string, version: number, draft: Draft): Promise<void> {
  return storage.setItem(name(id, version), draft);
}

export function dropDraft(id: string, version: number): Promise<void> {
  return storage.removeItem(name(id, version));
}
