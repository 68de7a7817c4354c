/** Where the tools' work is kept: an airline for each conversation, and a journal on disk of every run. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Json, JsonObject } from '../sdk/index.ts';
import { type Airline, airlineOf } from './airline.ts';
import type { Call } from './calls.ts';
import { tools } from './tools.ts';

/** One line of the journal: which request ran which tool, with which arguments. */
export type Entry = { at: string; request_id: string; trajectory: string; tool: string; args: JsonObject };

export type Store = {
  /** The journal's file. */
  path: string;
  airlines: Map<string, Airline>;
  /** Writes the run down, then does the tool's work. */
  run(trajectory: string, request_id: string, tool: string, args: JsonObject): Json;
  /** The journal as it is on disk. */
  entries(): Entry[];
};

/** A new store; a journal that was there before is emptied. */
export function openStore(path: string, calls: readonly Call[]): Store {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  const byTrajectory = Map.groupBy(calls, (call) => call.trajectory);
  const airlines = new Map([...byTrajectory].map(([name, own]) => [name, airlineOf(own)]));
  return {
    path,
    airlines,

    run(trajectory, request_id, tool, args) {
      const airline = airlines.get(trajectory);
      if (!airline) throw new Error(`no conversation ${trajectory}`);
      const work = Object.hasOwn(tools, tool) ? tools[tool] : undefined;
      // Written first and whatever comes of it: the journal counts every time that a tool was set going.
      const entry: Entry = { at: new Date().toISOString(), request_id, trajectory, tool, args };
      appendFileSync(path, `${JSON.stringify(entry)}\n`);
      if (!work) throw new Error(`no tool ${tool}`);
      return work(airline, args);
    },

    entries() {
      const lines = readFileSync(path, 'utf8').split('\n');
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
    },
  };
}
