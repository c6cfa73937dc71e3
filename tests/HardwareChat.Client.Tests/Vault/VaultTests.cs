namespace HardwareChat.Client.Tests;

public sealed class VaultTests : IDisposable
{
    private readonly VaultFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_written_is_read_after_another_start()
    {
        using (Vault vault = _folder.Create())
        {
            vault.Write(transaction => transaction.Settings.PutText("theme", "dark"));
            vault.Close();
        }

        using Vault again = _folder.Open();
        Assert.Equal("dark", again.Read(transaction => transaction.Settings.FindText("theme")));
        Assert.Null(again.Read(transaction => transaction.Settings.FindText("other")));
    }

    [Fact]
    public void Transaction_that_throws_leaves_nothing()
    {
        using Vault vault = _folder.Create();
        vault.Write(transaction => transaction.Settings.PutText("theme", "dark"));
        ulong generation = vault.Generation;
        Assert.Throws<FormatException>(() => vault.Write(transaction =>
        {
            transaction.Settings.PutText("theme", "light");
            transaction.Messages.Put(VaultFolder.Message(VaultFolder.Room(1), 1, "never said"));
            throw new FormatException();
        }));
        Assert.Equal("dark", vault.Read(transaction => transaction.Settings.FindText("theme")));
        Assert.Empty(vault.Search("never"));
        Assert.Equal(generation, vault.Generation);
        vault.Close();
        _folder.Open().Dispose();
    }

    [Fact]
    public void Generation_counts_transactions_that_change_something()
    {
        using Vault vault = _folder.Create();
        ulong before = vault.Generation;
        vault.Write(transaction => transaction.Settings.FindText("theme"));
        Assert.Equal(before, vault.Generation);
        vault.Write(transaction => transaction.Settings.PutText("theme", "dark"));
        vault.Write(transaction => transaction.Settings.PutText("theme", "dark"));
        Assert.Equal(before + 2, vault.Generation);
    }

    [Fact]
    public void Start_after_a_start_that_was_not_closed_is_told_apart()
    {
        using (Vault vault = _folder.Create())
            vault.Write(transaction => transaction.Settings.PutText("theme", "dark"));
        using (Vault vault = _folder.Open())
        {
            Assert.False(vault.WasClosed);
            vault.Close();
        }

        using Vault again = _folder.Open();
        Assert.True(again.WasClosed);
    }

    [Fact]
    public void Second_holder_is_refused_with_the_process_that_has_it()
    {
        using Vault vault = _folder.Create();
        VaultException refused = Assert.Throws<VaultException>(() => LockedVault.Open(_folder.Path));
        Assert.Equal(VaultFault.InUse, refused.Fault);
        Assert.Equal(Environment.ProcessId, refused.HolderProcess);
        Assert.Contains($"process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        vault.Dispose();
        _folder.Open().Dispose();
    }

    [Fact]
    public void Vault_is_not_made_over_a_file()
    {
        File.WriteAllText(_folder.Path, "mine");
        Assert.Equal(VaultFault.Exists, Assert.Throws<VaultException>(() => _folder.Create()).Fault);
        Assert.Equal("mine", File.ReadAllText(_folder.Path));
    }

    [Fact]
    public void Half_made_vault_is_in_nobodys_way()
    {
        File.WriteAllText(_folder.Path + ".new", "half");
        _folder.Create().Dispose();
        _folder.Open().Dispose();
        Assert.False(File.Exists(_folder.Path + ".new"));
    }

    [Fact]
    public void Missing_vault_is_named_so()
        => Assert.Equal(VaultFault.Missing, Assert.Throws<VaultException>(() => LockedVault.Open(_folder.Path)).Fault);

    [Fact]
    public void Files_are_the_owners_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("file modes are Unix's");
            return;
        }

        using Vault vault = _folder.Create();
        vault.Write(transaction => transaction.Settings.PutText("theme", "dark"));
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(_folder.Path)!))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void Reading_transaction_refuses_to_write()
    {
        using Vault vault = _folder.Create();
        Assert.Throws<InvalidOperationException>(() => vault.Read(transaction =>
        {
            transaction.Settings.PutText("theme", "dark");
            return 0;
        }));
        Assert.Throws<InvalidOperationException>(() => vault.Write(_ => vault.Write(inner => inner.Settings.PutText("theme", "dark"))));
    }

    [Fact]
    public void Closed_vault_cannot_be_used()
    {
        Vault vault = _folder.Create();
        vault.Close();
        Assert.Throws<ObjectDisposedException>(() => vault.Write(transaction => transaction.Settings.PutText("theme", "dark")));
        vault.Dispose();
    }
}
