import { labelOf } from './label.ts';

/** Verbs that say too little alone: `email.send` reads "Send email". */
const bareVerbs = new Set(
  'send create add insert update edit set write put patch post delete remove drop destroy cancel run execute exec call invoke start stop read get list fetch search move copy publish deploy transfer pay refund approve invite upload download'.split(
    ' ',
  ),
);

/** What a tool does, from its name alone: `orders.process_refund` is "Process refund", `mcp__github__delete` "Delete github". */
export function deedOf(tool: string): string {
  const parts = tool.split(/[./:]|__/).filter((part) => part !== '');
  const last = parts.at(-1);
  if (last === undefined) return tool;
  const thing = parts.at(-2);
  const deed = labelOf(last);
  return thing !== undefined && bareVerbs.has(deed.toLowerCase())
    ? `${deed} ${labelOf(thing).toLowerCase()}`
    : deed;
}
