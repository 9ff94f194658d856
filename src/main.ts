/** The composition root: builds the engine out of its parts and hands it to the command line. Imported by nothing. */
process.exitCode = 70;
