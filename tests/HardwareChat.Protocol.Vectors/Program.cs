using HardwareChat.Protocol.Vectors;

// dotnet run --project tests/HardwareChat.Protocol.Vectors -- tests/vectors
// Writes the protocol's own test vectors, the same bytes each time.
if (args.Length != 1)
{
    Console.Error.WriteLine("error: no folder given");
    Console.Error.WriteLine("hint: tests/vectors");
    return 2;
}

Directory.CreateDirectory(args[0]);
foreach ((string name, string text) in VectorFiles.Create())
    File.WriteAllText(Path.Combine(args[0], name), text);
return 0;
