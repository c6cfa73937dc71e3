#:package Microsoft.CodeAnalysis.CSharp
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false

// Takes each check of a library away, one at a time, and asks the tests whether they notice.
//
//   dotnet run tests/mutation/mutate.cs -- TARGET [--all] [--sample N] [--file PART] [--list] [--report FILE] [--again FILE] [--scratch FOLDER]
//
// A TARGET is a line of targets.json: a library, the files of it that hold checks, and its tests. The work tree is copied to a
// scratch folder, and there every check is wrapped so that the environment variable HWCHAT_MUTANT turns exactly one of them off:
// one build serves all mutants. A first run without mutants notes which test class comes by which check, so that each mutant is run
// against those classes only. A mutant that no test notices has survived: a test is missing, or the check can be argued away.
//
// What is done to a check, where true lets pass:  c  ->  (c || off),  and where true refuses:  c  ->  (c && !off).
// A chain of && or || is taken apart, one mutant a part. An order (<, <=, >, >=) is moved by one, too, with --all.
// A `?? Check(...)` is passed over. --again asks only for those that did not fall in an earlier report. Exit code: 0 if none survived, 1 if some did, 2 if the run itself failed.

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

Options? options = Options.Parse(args);
if (options is null)
{
    Console.Error.WriteLine("usage: mutate.cs TARGET [--all] [--sample N] [--file PART] [--list] [--report FILE] [--again FILE] [--scratch FOLDER]");
    return 2;
}

string root = Repository.Root();
Target target = Target.Find(Path.Combine(root, "tests", "mutation", "targets.json"), options.Target);
var scratch = new Scratch(root, options.Scratch ?? Path.Combine(Path.GetTempPath(), $"hwchat-mutation-{target.Name}"), target);
List<Mutant> mutants = scratch.Write(options);
if (options.List)
{
    foreach (Mutant mutant in mutants)
        Console.WriteLine(mutant);
    return 0;
}

scratch.Build();
var runner = new Runner(scratch);
runner.MapClasses();
var order = new List<Mutant>(mutants);
if (options.Again is not null)
{
    var standing = File.ReadLines(options.Again).Where(static line => !line.StartsWith(nameof(Verdict.Killed), StringComparison.Ordinal)).Select(static line => line[line.IndexOf("src/", StringComparison.Ordinal)..]).ToHashSet();
    order.RemoveAll(mutant => !standing.Contains(mutant.Site));
}
if (options.Sample is { } sample)
{
    // Spread over the files: every nth.
    int step = Math.Max(1, order.Count / sample);
    order = [.. order.Where((_, i) => i % step == 0)];
}

using (StreamWriter? report = options.Report is null ? null : new StreamWriter(options.Report))
{
    foreach (Mutant mutant in order)
    {
        mutant.Verdict = runner.Judge(mutant);
        Console.WriteLine(mutant);
        report?.WriteLine(mutant);
        report?.Flush();
    }
}
int killed = order.Count(static mutant => mutant.Verdict == Verdict.Killed);
Console.WriteLine($"{order.Count} of {mutants.Count} mutants: {killed} killed, {order.Count - killed} survived");
return killed == order.Count ? 0 : 1;

internal enum Verdict
{
    NotRun,
    Killed,
    Survived,
    NotReached,
}

/// <summary>One check, and what is done to it.</summary>
internal sealed class Mutant(int number, string file, int line, string change)
{
    public int Number => number;

    public string Site => $"{file}:{line} {change}";

    public Verdict Verdict { get; set; }

    public override string ToString() => $"{(Verdict == Verdict.NotRun ? "" : Verdict + " ")}#{number} {Site}";
}

internal sealed record Options(string Target, bool All, int? Sample, string? File, bool List, string? Report, string? Again, string? Scratch)
{
    public static Options? Parse(string[] args)
    {
        if (args.Length == 0 || args[0].StartsWith('-'))
            return null;
        var options = new Options(args[0], false, null, null, false, null, null, null);
        for (int i = 1; i < args.Length; i++)
        {
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--all":
                    options = options with { All = true };
                    continue;
                case "--list":
                    options = options with { List = true };
                    continue;
                case "--sample" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int sample) && sample > 0:
                    options = options with { Sample = sample };
                    break;
                case "--file" when value is not null:
                    options = options with { File = value };
                    break;
                case "--report" when value is not null:
                    options = options with { Report = value };
                    break;
                case "--again" when value is not null:
                    options = options with { Again = value };
                    break;
                case "--scratch" when value is not null:
                    options = options with { Scratch = value };
                    break;
                default:
                    return null;
            }
            i++;
        }
        return options;
    }
}

/// <summary>A library whose checks are taken away.</summary>
/// <param name="Name">On the command line.</param>
/// <param name="Project">The library's folder.</param>
/// <param name="Files">The files that hold checks, relative to it; a folder stands for all in it.</param>
/// <param name="Tests">The folder of its tests.</param>
/// <param name="Skip">Test classes that are not run: slow, or about something else.</param>
internal sealed record Target(string Name, string Project, string[] Files, string Tests, string[] Skip)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Target Find(string path, string name)
    {
        Target[] all = JsonSerializer.Deserialize<Target[]>(File.ReadAllText(path), Json)!;
        return all.FirstOrDefault(target => target.Name == name) ?? throw new InvalidOperationException($"no target {name} in {path}");
    }
}

internal static class Repository
{
    public static string Root() => Command.Read("git", "rev-parse", "--show-toplevel").Trim();
}

/// <summary>A copy of the work tree in which every check has a switch.</summary>
internal sealed class Scratch(string root, string folder, Target target)
{
    public string Folder => folder;

    public string Tests => Path.Combine(folder, target.Tests);

    public string Executable => Path.Combine(Tests, "bin", "Debug", "net10.0", Path.GetFileName(target.Tests) + (OperatingSystem.IsWindows() ? ".exe" : ""));

    public Target Target => target;

    public string Shared { get; } = Environment.GetEnvironmentVariable("HARDWARECHAT_SHARED") ?? Path.Combine(root, "..", "shared");

    public List<Mutant> Write(Options options)
    {
        foreach (string file in Command.Read("git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").Split('\0', StringSplitOptions.RemoveEmptyEntries))
            Copy(file);
        string project = Path.Combine(folder, target.Project);
        string[] sources = [.. target.Files.SelectMany(name => Expand(Path.Combine(project, name))).Order(StringComparer.Ordinal)];
        var mutants = new List<Mutant>();
        foreach (string source in sources)
        {
            string name = Path.GetRelativePath(folder, source);
            bool skipped = options.File is not null && !name.Contains(options.File, StringComparison.OrdinalIgnoreCase);
            if (skipped || Path.GetFileName(name).StartsWith("Fuzz", StringComparison.Ordinal))
                continue;
            string original = Path.Combine(root, name);
            var rewriter = new Switches(name, mutants, options.All);
            SyntaxNode rewritten = rewriter.Visit(CSharpSyntaxTree.ParseText(File.ReadAllText(original)).GetRoot());
            WriteIfChanged(source, rewritten.ToFullString());
        }
        WriteIfChanged(Path.Combine(project, "MutationSwitch.cs"), SwitchSource);
        return mutants;
    }

    public void Build() => Command.Run(
        "dotnet", "build", Tests, "-m:1", "--nologo", "-v", "q", "-p:TreatWarningsAsErrors=false", "-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false", "-p:GenerateDocumentationFile=false");

    // A file that was mutated before and is not now is written back, as its text differs from the original's.
    private void Copy(string file)
    {
        string from = Path.Combine(root, file);
        if (!File.Exists(from) || file.StartsWith("tests/mutation/", StringComparison.Ordinal))
            return;
        string to = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        byte[] bytes = File.ReadAllBytes(from);
        bool isMutated = target.Files.Any(name => file.StartsWith($"{target.Project}/{name}", StringComparison.Ordinal));
        if (!File.Exists(to) || (!isMutated && !File.ReadAllBytes(to).AsSpan().SequenceEqual(bytes)))
            File.WriteAllBytes(to, bytes);
    }

    private static IEnumerable<string> Expand(string path)
        => File.Exists(path) ? [path] : Directory.EnumerateFiles(path, "*.cs", SearchOption.AllDirectories);

    private static void WriteIfChanged(string path, string text)
    {
        if (!File.Exists(path) || File.ReadAllText(path) != text)
            File.WriteAllText(path, text);
    }

    private const string SwitchSource = """
        internal static class MutationSwitch
        {
            private static readonly int Off = int.TryParse(System.Environment.GetEnvironmentVariable("HWCHAT_MUTANT"), out int number) ? number : 0;
            private static readonly string? Trace = System.Environment.GetEnvironmentVariable("HWCHAT_MUTANT_TRACE");
            private static readonly System.Collections.Concurrent.ConcurrentDictionary<int, bool> Reached = new();

            static MutationSwitch()
            {
                if (Trace is not null)
                    System.AppDomain.CurrentDomain.ProcessExit += (_, _) => System.IO.File.WriteAllLines(Trace, System.Linq.Enumerable.Select(Reached.Keys, static n => n.ToString()));
            }

            public static bool Is(int number)
            {
                if (Trace is not null)
                    Reached[number] = true;
                return number == Off;
            }
        }
        """;
}

/// <summary>Wraps the checks of one file.</summary>
internal sealed class Switches(string file, List<Mutant> mutants, bool orders) : CSharpSyntaxRewriter
{
    // Booleans whose name says that true refuses.
    private static readonly string[] Refusing = ["Forbid", "IsRevoked", "IsSignedOut", "IsOut", "superseded", "isOut", "elsewhere", "IsCritical", "HasFailed"];

    public override SyntaxNode? VisitIfStatement(IfStatementSyntax node)
    {
        var visited = (IfStatementSyntax)base.VisitIfStatement(node)!;
        return Refuses(node.Statement) ? visited.WithCondition(Switch(node.Condition, node, lets: false)) : visited;
    }

    public override SyntaxNode? VisitConditionalExpression(ConditionalExpressionSyntax node)
    {
        if (IsNull(node.WhenTrue) || node.WhenFalse is ThrowExpressionSyntax)
            return node.WithCondition(Switch(node.Condition, node, lets: true)).WithWhenFalse((ExpressionSyntax)Visit(node.WhenFalse));
        if (IsNull(node.WhenFalse) || node.WhenTrue is ThrowExpressionSyntax)
            return node.WithCondition(Switch(node.Condition, node, lets: false)).WithWhenTrue((ExpressionSyntax)Visit(node.WhenTrue));
        return base.VisitConditionalExpression(node);
    }

    // A ?? B ?? C, each a check that answers with the rule that is broken.
    public override SyntaxNode? VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        if (!node.IsKind(SyntaxKind.CoalesceExpression) || node.Left is not InvocationExpressionSyntax left || !IsCheck(left))
            return base.VisitBinaryExpression(node);
        ExpressionSyntax right = IsCheck(node.Right) ? Skip(node.Right) : (ExpressionSyntax)Visit(node.Right);
        return node.WithLeft(Skip(left)).WithRight(right);
    }

    public override SyntaxNode? VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        if (node.Expression is not IdentifierNameSyntax { Identifier.Text: "Require" } || node.ArgumentList.Arguments.Count == 0)
            return base.VisitInvocationExpression(node);
        ArgumentSyntax first = node.ArgumentList.Arguments[0];
        return node.WithArgumentList(node.ArgumentList.WithArguments(node.ArgumentList.Arguments.Replace(first, first.WithExpression(Switch(first.Expression, node, lets: true)))));
    }

    public override SyntaxNode? VisitSwitchExpressionArm(SwitchExpressionArmSyntax node)
    {
        var visited = (SwitchExpressionArmSyntax)base.VisitSwitchExpressionArm(node)!;
        return node.WhenClause is { } when && IsNull(node.Expression) ? visited.WithWhenClause(when.WithCondition(Switch(when.Condition, node, lets: true))) : visited;
    }

    public override SyntaxNode? VisitLocalDeclarationStatement(LocalDeclarationStatementSyntax node)
    {
        bool isBool = node.Declaration.Type is PredefinedTypeSyntax { Keyword.Text: "bool" } && node.Declaration.Variables.Count == 1;
        if (!isBool || node.Declaration.Variables[0] is not { Initializer: { } initial } variable)
            return base.VisitLocalDeclarationStatement(node);
        string name = variable.Identifier.Text;
        return node.WithDeclaration(node.Declaration.WithVariables([variable.WithInitializer(initial.WithValue(Switch(initial.Value, node, Lets(name))))]));
    }

    public override SyntaxNode? VisitReturnStatement(ReturnStatementSyntax node)
        => node.Expression is { } value && BoolMember(node) is { } name && value is not LiteralExpressionSyntax
            ? node.WithExpression(Switch(value, node, Lets(name)))
            : base.VisitReturnStatement(node);

    public override SyntaxNode? VisitArrowExpressionClause(ArrowExpressionClauseSyntax node)
        => BoolMember(node) is { } name ? node.WithExpression(Switch(node.Expression, node, Lets(name))) : base.VisitArrowExpressionClause(node);

    // A fuzz entry is no check.
    public override SyntaxNode? VisitMethodDeclaration(MethodDeclarationSyntax node)
        => node.Identifier.Text.StartsWith("Fuzz", StringComparison.Ordinal) || node.Identifier.Text is "Equals" or "GetHashCode" ? node : base.VisitMethodDeclaration(node);

    private static bool Lets(string name) => !Refusing.Any(part => name.StartsWith(part, StringComparison.Ordinal));

    private static string? BoolMember(SyntaxNode node)
    {
        foreach (SyntaxNode parent in node.Ancestors())
        {
            switch (parent)
            {
                case MethodDeclarationSyntax { ReturnType: PredefinedTypeSyntax { Keyword.Text: "bool" } } method:
                    return method.Identifier.Text;
                case PropertyDeclarationSyntax { Type: PredefinedTypeSyntax { Keyword.Text: "bool" } } property:
                    return property.Identifier.Text;
                case MemberDeclarationSyntax or LocalFunctionStatementSyntax or AnonymousFunctionExpressionSyntax:
                    return null;
            }
        }
        return null;
    }

    private static bool Refuses(StatementSyntax statement)
        => (statement is BlockSyntax block ? block.Statements.LastOrDefault() : statement) is ReturnStatementSyntax or ThrowStatementSyntax;

    private static bool IsNull(ExpressionSyntax expression) => expression.IsKind(SyntaxKind.NullLiteralExpression);

    private static bool IsCheck(ExpressionSyntax expression) => expression switch
    {
        InvocationExpressionSyntax { Expression: IdentifierNameSyntax name } => name.Identifier.Text.StartsWith("Check", StringComparison.Ordinal),
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax member } => member.Name.Identifier.Text is "Check" or "Verify",
        ParenthesizedExpressionSyntax { Expression: ConditionalExpressionSyntax } => true,
        _ => false,
    };

    private ParenthesizedExpressionSyntax Skip(ExpressionSyntax check)
        => Parse($"({Off(check, "pass over")} ? null : {((ExpressionSyntax)Visit(check)).WithoutTrivia()})", check);

    private ExpressionSyntax Switch(ExpressionSyntax condition, SyntaxNode statement, bool lets)
    {
        switch (condition)
        {
            case ParenthesizedExpressionSyntax inner:
                return inner.WithExpression(Switch(inner.Expression, statement, lets));
            case PrefixUnaryExpressionSyntax not when not.IsKind(SyntaxKind.LogicalNotExpression) && not.Operand is ParenthesizedExpressionSyntax:
                return not.WithOperand(Switch(not.Operand, statement, !lets));
            case BinaryExpressionSyntax chain when chain.IsKind(lets ? SyntaxKind.LogicalAndExpression : SyntaxKind.LogicalOrExpression):
                return chain.WithLeft(Switch(chain.Left, statement, lets)).WithRight(Switch(chain.Right, statement, lets));
            case ConditionalExpressionSyntax choice:
                return choice.WithWhenTrue(Switch(choice.WhenTrue, statement, lets)).WithWhenFalse(Switch(choice.WhenFalse, statement, lets));
            case LiteralExpressionSyntax or SwitchExpressionSyntax:
                return condition;
        }
        if (DeclaresForLater(condition, statement))
            return condition;
        string text = Moved(condition);
        // The check is asked first: what it assigns is assigned, and a mutant that is never reached is one whose check never fires.
        return Parse(lets ? $"(({text}) || {Off(condition, "always")})" : $"(({text}) && !{Off(condition, "never")})", condition);
    }

    private string Moved(ExpressionSyntax condition)
    {
        string text = condition.WithoutTrivia().ToString();
        if (!orders || condition is not BinaryExpressionSyntax order || condition.DescendantNodes().OfType<VariableDesignationSyntax>().Any())
            return text;
        string? other = order.OperatorToken.Text switch { "<" => "<=", "<=" => "<", ">" => ">=", ">=" => ">", _ => null };
        return other is null ? text : $"({Off(condition, other)} ? ({order.Left} {other} {order.Right}) : ({text}))";
    }

    private static ParenthesizedExpressionSyntax Parse(string text, ExpressionSyntax origin)
        => (ParenthesizedExpressionSyntax)SyntaxFactory.ParseExpression(text).WithTriviaFrom(origin);

    // `x is not { } y` gives y to what follows: such a check cannot be passed over.
    private static bool DeclaresForLater(ExpressionSyntax condition, SyntaxNode statement)
    {
        var names = condition.DescendantNodesAndSelf().OfType<SingleVariableDesignationSyntax>().Select(static name => name.Identifier.Text).ToHashSet();
        if (names.Count == 0)
            return false;
        SyntaxNode within = statement is IfStatementSyntax branch ? branch.Statement : statement;
        SyntaxNode member = statement.AncestorsAndSelf().First(static node => node is MemberDeclarationSyntax);
        return member.DescendantNodes().OfType<IdentifierNameSyntax>()
            .Any(name => names.Contains(name.Identifier.Text) && !condition.Span.Contains(name.Span) && (statement is not IfStatementSyntax || !within.Span.Contains(name.Span)));
    }

    private string Off(ExpressionSyntax check, string what)
    {
        string text = string.Join(' ', check.WithoutTrivia().ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        int line = check.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
        var mutant = new Mutant(mutants.Count + 1, file, line, $"{what}: {text}");
        mutants.Add(mutant);
        return $"MutationSwitch.Is({mutant.Number})";
    }
}

/// <summary>Runs the tests against one mutant after the other.</summary>
internal sealed class Runner(Scratch scratch)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Dictionary<int, List<string>> _classes = [];

    /// <summary>Which test class comes by which check. All of them must pass.</summary>
    public void MapClasses()
    {
        string[] classes = Command.Read(scratch.Executable, "-list", "classes").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (string name in classes.Where(name => name.StartsWith("HardwareChat.", StringComparison.Ordinal) && !scratch.Target.Skip.Any(name.EndsWith)))
        {
            string trace = Path.Combine(scratch.Folder, "trace.txt");
            File.Delete(trace);
            if (Run([name], 0, trace) != 0)
                throw new InvalidOperationException($"{name} fails without a mutant");
            foreach (string number in File.Exists(trace) ? File.ReadAllLines(trace) : [])
            {
                int mutant = int.Parse(number, CultureInfo.InvariantCulture);
                if (!_classes.TryGetValue(mutant, out List<string>? those))
                    _classes[mutant] = those = [];
                those.Add(name);
            }
        }
    }

    public Verdict Judge(Mutant mutant)
    {
        if (!_classes.TryGetValue(mutant.Number, out List<string>? classes))
            return Verdict.NotReached;
        return Run(classes, mutant.Number, null) == 0 ? Verdict.Survived : Verdict.Killed;
    }

    // A run that does not end has noticed something, too.
    private int Run(List<string> classes, int mutant, string? trace)
    {
        var start = new ProcessStartInfo(scratch.Executable, [.. classes.SelectMany(static name => (string[])["-class", name]), "-stopOnFail", "-reporter", "silent"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HWCHAT_MUTANT"] = mutant.ToString(CultureInfo.InvariantCulture);
        start.Environment["HWCHAT_MUTANT_TRACE"] = trace;
        start.Environment["HARDWARECHAT_SHARED"] = scratch.Shared;
        using Process process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (process.WaitForExit(Patience))
            return process.ExitCode;
        process.Kill(entireProcessTree: true);
        return 1;
    }
}

internal static class Command
{
    public static string Read(string name, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{name} {string.Join(' ', arguments)} failed:\n{output}");
    }

    public static void Run(string name, params string[] arguments) => Console.Write(Read(name, arguments));
}
