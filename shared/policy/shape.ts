/** Which of the three shapes a file has. */
import { readAgentFile, readListFile } from './agent-file.ts';
import type { Draft } from './draft.ts';
import { readOwnFile } from './own-file.ts';
import type { PolicyProblem } from './problem.ts';
import type { YamlFile } from './yaml-file.ts';

const OWN_KEYS = ['version', 'default', 'groups', 'tiers', 'rules'];

/**
 * Reads a file by its shape. An `approval` or `approvals` block decides, since other keys in such files are
 * the agent's own; only `rules` beside it is refused, because one of the two would silently not apply.
 */
export function readShape(file: string, yaml: YamlFile, problems: PolicyProblem[]): Draft | undefined {
  const { value } = yaml;
  const keys = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  const blocks = ['approval', 'approvals', 'rules'].filter((key) => keys.includes(key));
  if (blocks.length > 1) {
    const message = `\`${blocks.join('` and `')}\` are different shapes. Put each into a file of its own.`;
    problems.push(yaml.problemAt([blocks[1] ?? ''], 'mixed_shapes', message, 'key'));
    return undefined;
  }
  if (blocks[0] === 'approval') return readAgentFile(file, yaml, problems);
  if (blocks[0] === 'approvals') return readListFile(file, yaml, problems);
  if (keys.some((key) => OWN_KEYS.includes(key))) return readOwnFile(file, yaml, problems);
  const message =
    'This is no policy. Write `version: 1` and `rules`, an agent’s `name` and `approval`, or `approvals`.';
  problems.push(yaml.problemAt([], 'unknown_shape', message));
  return undefined;
}
