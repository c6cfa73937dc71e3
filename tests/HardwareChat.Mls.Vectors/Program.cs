using HardwareChat.Mls.Vectors;

// Runs every vector file under the folders given (or the files given). The last line is "N passed, N failed, N skipped"; the exit code is
// 0 only if nothing failed and something passed.

if (args.Length == 0)
{
    Console.Error.WriteLine("error: no folder given");
    Console.Error.WriteLine("hint: dotnet run -c Release --project tests/HardwareChat.Mls.Vectors -- DIR [DIR...]");
    return 2;
}

int passed = 0, failed = 0, skipped = 0;
foreach (string argument in args)
{
    if (!Directory.Exists(argument) && !File.Exists(argument))
    {
        Console.WriteLine($"{argument}: there is no such folder or file");
        failed++;
        continue;
    }

    IEnumerable<string> files = File.Exists(argument)
        ? [argument]
        : Directory.EnumerateFiles(argument, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
    foreach (string file in files)
    {
        VectorFile result = VectorFile.Run(file);
        Console.WriteLine($"{(File.Exists(argument) ? file : Path.GetRelativePath(argument, file))} {result.Passed}/{result.Total}");
        foreach (string reason in result.Skips)
            Console.WriteLine($"  skipped: {reason}");
        foreach (string failure in result.Failures)
            Console.WriteLine($"  FAILED {failure}");
        passed += result.Passed;
        failed += result.Failures.Count;
        skipped += result.Skips.Count;
    }
}

Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
return failed == 0 && passed > 0 ? 0 : 1;
