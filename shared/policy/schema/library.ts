/** `*.canaries.yaml`: calls with one thing wrong, for practice and, where they can not be told, for planting. */
import { z } from 'zod';
import { MutationKind, Preview } from '../../contracts/index.ts';
import { tool } from './rule.ts';
import { closed, name, oneOf, path, text, tier } from './value.ts';

const json = z.json({
  error: 'Write plain values: texts, finite numbers, true, false, null, lists, mappings.',
});
const mapping = (what: string) => z.record(z.string(), json, { error: `Write a mapping of ${what}.` });

const canary = closed({
  name,
  use: oneOf(['drill', 'canary']).exactOptional(),
  agent: name,
  tool: name,
  args: mapping('arguments, as the call would be right'),
  reason: text('why the agent says that it acts', 8_000).exactOptional(),
  preview: Preview.exactOptional(),
  context: mapping('what the agent says around the call').exactOptional(),
  transcript: text('an excerpt of what was said before', 60_000).exactOptional(),
  wrong: closed({ path, value: json, kind: oneOf(MutationKind.options).exactOptional() }),
  look: text('where to look, and what to hold it against', 500),
  tier: tier.exactOptional(),
  facts: tool.exactOptional(),
}).refine(({ use, tier, facts }) => use !== 'canary' || (tier === undefined && facts === undefined), {
  error: 'Leave `tier` and `facts` out where `use` is canary: policy says them of what is planted.',
});

export const LibraryFile = closed({
  canaries: z
    .array(canary, { error: 'Write a list of canaries.' })
    .min(1, 'List at least one canary.')
    .max(200, 'At most 200 in a file.'),
});
export type WrittenCanary = z.infer<typeof canary>;
