import { TurnBudget, backgroundUnitsPerTurn, unitsPerTurn } from "../../../src/server/mvcc/turn-budget";
import type { Steps } from "../../../src/storage/steps";
import { turnsUntil } from "../../support/turns";

/** Steps of a hundredth of a turn, and how many of them were done. */
function work(units: number) {
  const each = unitsPerTurn / 100;
  const progress = { steps: 0 };
  function* steps(): Steps<string> {
    for (let done = 0; done < units; done += each) {
      progress.steps++;
      yield each;
    }
    return "done";
  }
  return { progress, steps: steps() };
}

describe("the budget of a turn", () => {
  test("Work in the background takes a quarter of each turn, and others have the rest.", async () => {
    const turn = new TurnBudget();
    const background = work(backgroundUnitsPerTurn * 5);
    const result = turn.runInBackground(background.steps);
    expect(background.progress.steps).toBe(25);
    expect(turn.isSpent).toBe(false);
    const other = work(unitsPerTurn / 2);
    expect(turn.run(other.steps)).toBe("done");
    const turns = await turnsUntil(() => background.progress.steps === 125);
    expect(turns).toBeGreaterThan(3);
    expect(await result).toBe("done");
  });

  test("It waits while others spend whole turns, and continues after that.", async () => {
    const turn = new TurnBudget();
    turn.spend(unitsPerTurn);
    const background = work(backgroundUnitsPerTurn * 2);
    const result = turn.runInBackground(background.steps);
    expect(background.progress.steps).toBe(0);
    expect(await result).toBe("done");
  });

  test("Short work in the background ends at once.", () => {
    expect(new TurnBudget().runInBackground(work(10).steps)).toBe("done");
  });
});
