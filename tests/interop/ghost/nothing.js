// Stands for libraries that no test uses (package.json beside this file says which): whatever is asked of it is nothing.
const answer = (_, key) => key === Symbol.toPrimitive ? () => '' : key === 'then' || typeof key === 'symbol' ? undefined : nothing;
const nothing = new Proxy(function () {}, { get: answer, apply: () => nothing, construct: () => nothing });
module.exports = nothing;
