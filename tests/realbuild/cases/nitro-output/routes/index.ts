import ms from "ms";

export default eventHandler(() => ({ every: ms(90_000) }));
