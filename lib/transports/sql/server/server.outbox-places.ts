/**
 * The places of the rows of an outbox, in their column `available_at`: as time is none, they are in the order of their ids, and those
 * that were handed out come first. So a claim reads the first rows of an index, however many wait, and whether one is claimed is
 * told by as few.
 */
export const STORED = 1;
export const HANDED_OUT = 0;
