import ms from "ms";
export const open = (days: number): string => ms(days);
