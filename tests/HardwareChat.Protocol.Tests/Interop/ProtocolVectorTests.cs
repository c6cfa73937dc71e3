using System.ComponentModel;
using System.Diagnostics;
using HardwareChat.Protocol.Vectors;

namespace HardwareChat.Protocol.Tests;

/// <summary>The protocol's own vectors: made by this code, the same each time, and read by another one.</summary>
public sealed class ProtocolVectorTests
{
    private static string Folder => Path.Combine(SharedFiles.Repository, "tests", "vectors");

    // The client's, read by its own tests.
    private const string ContentVectors = "content.json";

    private static string Verifier => Path.Combine(SharedFiles.Repository, "tests", "interop", "verify-protocol-vectors.mjs");

    [Fact]
    public void Vectors_are_what_the_code_produces()
    {
        IReadOnlyDictionary<string, string> files = VectorFiles.Create();
        Assert.Equal(files.Keys.Order(), Directory.GetFiles(Folder, "*.json").Select(Path.GetFileName).Except([ContentVectors]).Order());
        foreach ((string name, string text) in files)
            Assert.Equal(text, File.ReadAllText(Path.Combine(Folder, name)));
    }

    [Fact]
    public void An_independent_reader_agrees_with_every_vector()
    {
        (int code, string output) = RunVerifier(Folder);
        Assert.True(code == 0, output);
        foreach (string name in VectorFiles.Create().Keys)
            Assert.Contains($"{name}: ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("touch.json", "\"session_id\": \"")]
    [InlineData("merkle.json", "\"path\": [\n        \"")]
    [InlineData("registry.json", "\"signature\": \"")]
    [InlineData("room.json", "\"receipt\": \"")]
    [InlineData("phrase.json", "\"psk\": \"")]
    [InlineData("phrase.json", "\"psk_id\": \"")]
    [InlineData("channel.json", "\"message_3\": \"")]
    public void The_reader_refuses_a_changed_vector(string file, string before)
    {
        DirectoryInfo copy = Directory.CreateTempSubdirectory("hwchat-vectors-");
        try
        {
            foreach (string path in Directory.GetFiles(Folder))
                File.Copy(path, Path.Combine(copy.FullName, Path.GetFileName(path)));
            string target = Path.Combine(copy.FullName, file);
            string text = File.ReadAllText(target);
            int at = text.IndexOf(before, StringComparison.Ordinal) + before.Length;
            Assert.True(at >= before.Length, $"{file} has no {before}");
            File.WriteAllText(target, text[..at] + (text[at] == '0' ? '1' : '0') + text[(at + 1)..]);
            (int code, string output) = RunVerifier(copy.FullName);
            Assert.Equal(1, code);
            Assert.Contains(file, output, StringComparison.Ordinal);
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    private static (int Code, string Output) RunVerifier(string folder)
    {
        using var node = new Process();
        node.StartInfo = new ProcessStartInfo("node", [Verifier, folder]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            node.Start();
        }
        catch (Win32Exception)
        {
            Assert.Skip("node is not installed: the vectors were not read by a second implementation");
        }
        Task<string> error = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        return (node.ExitCode, output + error.GetAwaiter().GetResult());
    }
}
