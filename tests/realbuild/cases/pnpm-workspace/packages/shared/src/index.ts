import ms from "ms";

export const open = (days: number): string => `open for ${ms(days * 86_400_000, { long: true })}`;
