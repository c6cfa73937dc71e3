using System.Diagnostics;
using System.Security.Cryptography;
using HardwareChat.Tokens.Simulator.State;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Tokens.Simulator;

/// <summary>A folder of simulated cards, each under a name, with the root that signs their attestations.</summary>
/// <remarks>
/// <code>
/// FOLDER/attestation-root.pem   certificate and key of the simulated root
/// FOLDER/NAME.card              the card
/// FOLDER/NAME.lock              held by the process that has the card
/// FOLDER/NAME.touch             a socket while a process listens for touches
/// </code>
/// The folder and its files are for their owner alone.
/// </remarks>
public sealed class SimulatedCardStore
{
    private const string CardExtension = ".card";
    private const string LockExtension = ".lock";
    private const string TouchExtension = ".touch";
    private const string RootFile = "attestation-root.pem";
    private const int LongestName = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly TimeSpan RootPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly string _folder;

    /// <summary>A store in <paramref name="folder"/>, a full path, which is made if need be.</summary>
    /// <exception cref="DirectoryNotFoundException">It is no full path.</exception>
    public SimulatedCardStore(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        // Never beside whatever the working directory happens to be.
        if (!Path.IsPathFullyQualified(folder))
            throw new DirectoryNotFoundException($"the folder of simulated cards must be a full path, not \"{folder}\": set HOME, or HWCHAT_SIM_HOME");
        _folder = Path.GetFullPath(folder);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(_folder);
        else
            Directory.CreateDirectory(_folder, OwnerOnly);
    }

    /// <summary>HWCHAT_SIM_HOME; else $XDG_STATE_HOME/hwchat/sim; else ~/.local/state/hwchat/sim.</summary>
    public static string DefaultFolder
    {
        get
        {
            if (Environment.GetEnvironmentVariable("HWCHAT_SIM_HOME") is { Length: > 0 } folder)
                return folder;
            string state = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } given && Path.IsPathFullyQualified(given)
                ? given
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".local", "state");
            return Path.Combine(state, "hwchat", "sim");
        }
    }

    /// <summary>The cards' names, in order; whether each file is a whole card, <see cref="Describe"/> tells.</summary>
    public IReadOnlyList<string> Names() =>
        [.. Directory.EnumerateFiles(_folder, "*" + CardExtension)
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Where(IsName)
            .Order(StringComparer.Ordinal)];

    /// <summary>What the file of one card tells without its pass phrase.</summary>
    /// <exception cref="SimulatedCardException">There is no such card, or its file is damaged.</exception>
    public SimulatedCardDescription Describe(string name) => CardStateFile.Describe(name, PathOf(name, CardExtension));

    /// <summary>Makes a card under a name that is not yet taken.</summary>
    /// <param name="name">1 to 32 of a-z, 0-9, '-' and '_'.</param>
    /// <param name="profile">Its firmware.</param>
    /// <param name="serial">Its serial number; <see cref="NewSerial"/> draws one.</param>
    /// <param name="passphrase">Seals the file, UTF-8; empty leaves it to file permissions, about which a person should be warned.</param>
    /// <exception cref="SimulatedCardException">The name is taken, or in use.</exception>
    public void Create(string name, FirmwareProfile profile, uint serial, ReadOnlySpan<byte> passphrase)
    {
        string path = PathOf(name, CardExtension);
        using FileStream claim = Claim(PathOf(name, LockExtension), name);
        if (File.Exists(path))
            throw new SimulatedCardException(SimulatedCardFault.Exists, $"there is a simulated card named {name} already");
        using SimulatedAttestationRoot root = OpenRoot();
        using CardState state = SimulatedCard.NewState(profile, serial, root);
        using var file = CardStateFile.Create(path, passphrase);
        file.Save(state);
    }

    /// <summary>Takes a card into use; until it is disposed no other process can.</summary>
    /// <exception cref="SimulatedCardException">No such card, in use, damaged, or the pass phrase is missing or wrong.</exception>
    public SimulatedCard Open(string name, ITouchSource touch, ReadOnlySpan<byte> passphrase = default, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(touch);
        string path = PathOf(name, CardExtension);
        if (!File.Exists(path))
            throw new SimulatedCardException(SimulatedCardFault.NotFound, $"there is no simulated card named {name} in {_folder}");
        FileStream claim = Claim(PathOf(name, LockExtension), name);
        try
        {
            (CardStateFile file, CardState state) = CardStateFile.Open(path, passphrase);
            return new SimulatedCard(state, touch, clock ?? TimeProvider.System, file, claim);
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    /// <summary>Deletes a card and all that is on it.</summary>
    /// <exception cref="SimulatedCardException">No such card, or in use.</exception>
    public void Delete(string name)
    {
        string path = PathOf(name, CardExtension);
        using FileStream claim = Claim(PathOf(name, LockExtension), name);
        if (!File.Exists(path))
            throw new SimulatedCardException(SimulatedCardFault.NotFound, $"there is no simulated card named {name} in {_folder}");
        File.Delete(path);
        File.Delete(PathOf(name, TouchExtension));
    }

    /// <summary>Lets other processes touch the card (<see cref="TouchAsync"/>) by pressing <paramref name="button"/>, until disposed.</summary>
    public TouchSocket ListenForTouches(string name, TouchButton button) => new(PathOf(name, TouchExtension), button);

    /// <summary>Touches a card that another process has.</summary>
    /// <returns>Whether it was waiting for a touch.</returns>
    /// <exception cref="IOException">No process listens for touches of this card.</exception>
    public Task<bool> TouchAsync(string name, CancellationToken cancellation) => TouchSocket.PressAsync(PathOf(name, TouchExtension), cancellation);

    /// <summary>The root that signs the attestations of this folder's cards; made when first asked for. The caller disposes it.</summary>
    /// <exception cref="SimulatedCardException">Its file is damaged.</exception>
    public SimulatedAttestationRoot OpenRoot()
    {
        string path = Path.Combine(_folder, RootFile);
        using FileStream claim = ClaimRoot(path + LockExtension);
        try
        {
            if (File.Exists(path))
                return SimulatedAttestationRoot.FromPem(File.ReadAllText(path));
        }
        catch (CryptographicException failure)
        {
            throw new SimulatedCardException(SimulatedCardFault.RootCorrupt, $"the simulated attestation root, {path}, is damaged", failure);
        }
        var root = SimulatedAttestationRoot.Create(DateTimeOffset.UtcNow);
        AtomicFile.Write(path, System.Text.Encoding.ASCII.GetBytes(root.ExportPem()));
        return root;
    }

    /// <summary>A random serial number of eight digits, as YubiKeys have.</summary>
    public static uint NewSerial() => (uint)RandomNumberGenerator.GetInt32(10_000_000, 100_000_000);

    private static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '_');

    private string PathOf(string name, string extension) =>
        IsName(name)
            ? Path.Combine(_folder, name + extension)
            : throw new ArgumentException("a card's name is 1 to 32 of a-z, 0-9, '-' and '_'", nameof(name));

    // Nobody keeps the root: whoever has it is done in a moment.
    private static FileStream ClaimRoot(string path)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return Claim(path, "root");
            }
            catch (SimulatedCardException) when (Stopwatch.GetElapsedTime(start) < RootPatience)
            {
                Thread.Sleep(Pause);
            }
        }
    }

    private static FileStream Claim(string path, string name)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure)
        {
            throw new SimulatedCardException(SimulatedCardFault.InUse, $"another process has the simulated card {name}", failure);
        }
    }
}
