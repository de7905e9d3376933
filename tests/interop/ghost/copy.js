// Ghost copies errors before it shows them, with a library of 157 packages.
module.exports = error => Object.create(Object.getPrototypeOf(error), Object.getOwnPropertyDescriptors(error));
