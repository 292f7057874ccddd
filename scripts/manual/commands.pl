#!/usr/bin/perl
# Writes buzon(1) and a page for each command, buzon-submit(1) and so on, into a folder: from the program's own help
# (--experimental-dump-help on standard input), so the pages cannot differ from it.
use strict;
use warnings;
use utf8;
use lib 'scripts/manual';
use JSON::PP;
my $folder = shift @ARGV or die "usage: commands.pl FOLDER < DUMP\n";
require Manual;
Manual->import;

my $dump = JSON::PP->new->decode(do { local $/; <STDIN> });

sub page_of { my (@path) = @_; return join '-', @path }

# One option or argument as it is typed.
sub typed {
  my ($argument) = @_;
  my $value = '\fI' . literal($argument->{valueName} // '') . '\fR';
  return $value if $argument->{kind} eq 'positional';
  my @names = map { '\fB' . literal(($_->{kind} eq 'short' ? '-' : '--') . $_->{name}) . '\fR' } @{ $argument->{names} };
  return join(', ', @names) . ($argument->{kind} eq 'option' ? " $value" : '');
}
sub synopsis {
  my ($argument) = @_;
  my $text = typed({ %$argument, names => [ grep { $_ } ($argument->{preferredName}) ] });
  $text .= ' ...' if $argument->{isRepeating};
  return $argument->{isOptional} ? "[$text]" : $text;
}

# The help's own text: paragraphs, headings in capitals, and indented lines, which stand as they are.
sub discussion {
  my ($text) = @_;
  my (@out, $literal, @paragraph);
  my $end = sub {
    push @out, '.PP' if @paragraph && @out && $out[-1] !~ /^\.SH/;
    push @out, text(join ' ', @paragraph) if @paragraph;
    @paragraph = ();
    push @out, '.fi' if $literal;
    $literal = 0;
  };
  for (split /\n/, $text) {
    if (/^\s*$/) { $end->() }
    elsif (/^\p{Lu}[\p{Lu} ]+$/) { $end->(); push @out, ".SH $_" }
    elsif (/^\s+(.*)/ && !@paragraph) { push @out, '.nf' unless $literal; $literal = 1; push @out, literal(s/^  //r) }
    else { $end->() if $literal; push @paragraph, $_ }
  }
  $end->();
  return @out;
}

sub page {
  my ($command, @path) = @_;
  my $name = page_of(@path, $command->{commandName});
  my @subcommands = grep { $_->{commandName} ne 'help' } @{ $command->{subcommands} // [] };
  my @arguments = grep { $_->{shouldDisplay} } @{ $command->{arguments} // [] };
  my @out = (head($name, 1, lcfirst($command->{abstract} =~ s/\.$//r)), '.SH SYNOPSIS');
  push @out, '\fB' . literal(join ' ', @path, $command->{commandName}) . '\fR';
  push @out, '\fIcommand\fR' if @subcommands;
  push @out, synopsis($_) for @arguments;
  push @out, '.SH DESCRIPTION';
  my @discussion = discussion($command->{discussion} // '');
  my ($first) = grep { $discussion[$_] =~ /^\.SH/ } 0 .. $#discussion;
  $first //= @discussion;
  push @out, @discussion[0 .. $first - 1];
  if (@subcommands) {
    push @out, '.SH COMMANDS';
    push @out, '.TP', '.BR ' . literal(page_of(@path, $command->{commandName}, $_->{commandName})) . ' (1)', text($_->{abstract})
      for @subcommands;
  }
  push @out, '.SH OPTIONS';
  push @out, '.TP', typed($_), text($_->{abstract} // '') for @arguments;
  push @out, @discussion[$first .. $#discussion];
  my @others = @path ? (page_of(@path)) : ();
  push @out, '.SH SEE ALSO', (map { '.BR ' . literal($_) . ' (1),' } @others), '.BR buzon.yaml (5),',
    '.BR buzon\-form (5),', '.BR buzon (7)';
  open my $file, '>:encoding(UTF-8)', "$folder/$name.1" or die "$folder/$name.1: $!\n";
  print $file "$_\n" for @out;
  close $file or die "$folder/$name.1: $!\n";
  page($_, @path, $command->{commandName}) for @subcommands;
}
page($dump->{command});
