/**
 * The process of one role. It loads nothing but the subject and the driver of the role, because its start is part of
 * what "boot" measures.
 */
const task = JSON.parse(process.env.BENCH_ROLE ?? '{}');
const [{ default: subject }, { default: drive }] = await Promise.all([
  import(`../subjects/${task.subject}.mjs`),
  import(`./${task.driver}.mjs`),
]);

const result = await drive(subject, task, () => process.send({ ready: true }));
process.send({ result }, () => process.exit(0));
