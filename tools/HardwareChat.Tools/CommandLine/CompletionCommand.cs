using System.CommandLine;

namespace HardwareChat.Tools;

/// <summary>completion bash|zsh|fish: the script that makes the shell ask this program how a line could go on.</summary>
internal static class CompletionCommand
{
    // The program answers "[suggest:POSITION]" "LINE" with one proposal a line. Bash splits words at colons, which
    // tokens' names have, so its script takes the word from the line itself and gives back what follows the last colon.
    private const string Bash = """
        _hwchat_tools() {
            local line=${COMP_LINE:0:COMP_POINT} word prefix
            word=${line##*[[:space:]]}
            prefix=${word%"${word##*:}"}
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$("$1" "[suggest:${#line}]" "$line" 2>/dev/null)" -- "$word"))
            COMPREPLY=("${COMPREPLY[@]#"$prefix"}")
        }
        complete -o default -F _hwchat_tools hwchat-tools
        """;

    private const string Zsh = """
        #compdef hwchat-tools
        _hwchat_tools() {
            local line="${(j: :)words[1,CURRENT]}"
            local -a proposals
            proposals=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            if [[ -n "${proposals[*]}" ]]; then compadd -a proposals; else _files; fi
        }
        compdef _hwchat_tools hwchat-tools
        """;

    private const string Fish = """
        function __hwchat_tools
            set -l line (commandline -cp)
            hwchat-tools "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c hwchat-tools -a '(__hwchat_tools)'
        """;

    public static Command Create()
    {
        var command = new Command("completion", "Print the completion script of a shell; docs/OPERATIONS.md says where to put it.")
        {
            Shell("bash", Bash, "eval \"$(hwchat-tools completion bash)\""),
            Shell("zsh", Zsh, "eval \"$(hwchat-tools completion zsh)\", after compinit"),
            Shell("fish", Fish, "hwchat-tools completion fish | source"),
        };
        return command;
    }

    private static Command Shell(string name, string script, string usage)
    {
        var shell = new Command(name, $"For {name}: {usage}");
        shell.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(script.ReplaceLineEndings("\n")));
        return shell;
    }
}
