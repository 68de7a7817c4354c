/** The way out that every part shares. */
export * from '@countersign/shared/outbound';
