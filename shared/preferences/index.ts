/** How a person's preferences read: one reading for intake, notifier and extension. Pure; runs in a browser. */
export { type DayTime, dayTimeIn, digestDue } from './clock.ts';
export { defaultPreferences } from './defaults.ts';
export { isQuiet } from './quiet.ts';
export { type Interrupting, interruptingChannels, interrupts, lowestInterrupting } from './tiers.ts';
